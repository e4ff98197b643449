// What Electron's own builds do when they are started as `electron [switches] <folder of an application>`, for a runtime
// that lacks it: the first argument that is no switch names the application, whose package.json says the rest.
const { app } = require('electron');
const { existsSync, readFileSync } = require('node:fs');
const { resolve, join } = require('node:path');

const folder = process.argv.slice(1).find((argument) => !argument.startsWith('-'));
if (folder === undefined || !existsSync(join(folder, 'package.json'))) {
  process.stderr.write('usage: electron [switches] <folder with a package.json>\n');
  app.exit(2);
} else {
  const appPath = resolve(folder);
  const { name, version, main } = JSON.parse(readFileSync(join(appPath, 'package.json'), 'utf8'));
  app.setName(name);
  app.setVersion(version);
  app.setAppPath(appPath);
  if (!app.commandLine.hasSwitch('user-data-dir'))
    app.setPath('userData', join(app.getPath('appData'), name));
  require(join(appPath, main));
}
