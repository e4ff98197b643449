/** Of the engine, as shown in the window and written into bundles and reports. Equal to package.json's: a test says so. */
export const ENGINE_VERSION = '0.1.0';
