import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { static as files, type Response, Router } from 'express';

/** The folder of the page's files: beside this source, and beside the bundle, which copies them. */
const folder = fileURLToPath(new URL('./page/', import.meta.url));

/** Bundled for the browser by infra/image/bundle.js; the sources alone do not have it. */
const BUILT = ['codemirror.js'];
const built = fileURLToPath(new URL('../../dist/page/vendor/', import.meta.url));

const VENDOR = { 'uplot.js': 'uplot/dist/uPlot.esm.js', 'uplot.css': 'uplot/dist/uPlot.min.css' } as const;

/** Returns the path of a vendor file: the bundle's own copy, or the installed package when running from source. */
function vendorFile(name: keyof typeof VENDOR): string {
  const copied = `${folder}vendor/${name}`;
  return existsSync(copied) ? copied : createRequire(import.meta.url).resolve(VENDOR[name]);
}

/** Returns the routes of the page: static files, nothing from anywhere else. Browsers revalidate them each time. */
export function page(): Router {
  const router = Router();
  for (const name of Object.keys(VENDOR) as (keyof typeof VENDOR)[])
    router.get(`/vendor/${name}`, (_request, response) => response.sendFile(vendorFile(name)));
  for (const name of BUILT)
    router.get(`/vendor/${name}`, (_request, response, next) => {
      const file = [`${folder}vendor/${name}`, `${built}${name}`].find((path) => existsSync(path));
      if (file) response.sendFile(file);
      else next();
    });
  router.use(files(folder, { setHeaders: (response: Response) => void response.set('cache-control', 'no-cache') }));
  return router;
}
