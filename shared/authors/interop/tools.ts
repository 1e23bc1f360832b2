import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { CannotUseTool } from '../missing-tool.ts';

/** The release of buf that is fetched. */
const buf = '@bufbuild/buf@1.75.0';

/**
 * Finds a Python that has gRPC and the generator of its stubs. The system's own comes first: that is the one for which
 * a distribution has packages.
 *
 * @returns the program
 * @throws CannotUseTool when no Python here has both
 */
export const findPython = (): string => {
  const found = ['/usr/bin/python3', 'python3', 'python'].find(
    (program) =>
      spawnSync(program, ['-c', 'import grpc, grpc_tools.protoc'], { stdio: 'ignore' }).status === 0,
  );
  if (found !== undefined) return found;
  throw new CannotUseTool(
    'No Python here has gRPC. On Debian and Ubuntu, install it with: apt-get install python3-grpcio python3-grpc-tools',
  );
};

/**
 * Has npm fetch buf, and keep it where npx keeps what it runs.
 *
 * @returns the program
 * @throws CannotUseTool when npm cannot get it
 */
export const findBuf = (): string => {
  const npm = process.env.npm_execpath;
  if (npm === undefined) throw new CannotUseTool('This needs npm to fetch buf: type npm run author interop.');
  const printPath = ['node', '-p', 'process.env.PATH'];
  const { stdout, stderr } = spawnSync(
    process.execPath,
    // Said even when npm itself was told to be silent.
    [npm, 'exec', '--loglevel=error', '--yes', '--package', buf, '--', ...printPath],
    { encoding: 'utf8' },
  );
  // npm puts the programs of the package first.
  for (const folder of stdout.trim().split(path.delimiter)) {
    const packages = path.join(folder, '..', '@bufbuild');
    // Beside the package there is the part of it for this platform: only that one is installed.
    const part = existsSync(packages) && readdirSync(packages).find((name) => name.startsWith('buf-'));
    if (part) return path.join(packages, part, 'bin', process.platform === 'win32' ? 'buf.exe' : 'buf');
  }
  throw new CannotUseTool(`npm could not fetch ${buf}. Is the network there? npm said:\n${stderr.trim()}`);
};
