export const verify = async (): Promise<number> => 1;
