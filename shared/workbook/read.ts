import { readmeOf, type Lesson } from './lessons.ts';
export const read = async (lesson: Lesson): Promise<number> => {
  console.log(readmeOf(lesson.folder));
  return 0;
};
