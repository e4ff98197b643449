import { join } from 'node:path';
import { CatalogueStore } from '../../main/catalogue/catalogue-store.ts';
import { openDatabase } from '../../main/catalogue/database.ts';
import { EndpointStore } from '../../main/catalogue/endpoint-store.ts';
import { Findings } from '../../main/app/findings.ts';

/** Says what one endpoint lacks, from its newest inventory and the catalogue. argv: folder of the site, id of the endpoint. */
const [dir = '', id = ''] = process.argv.slice(2);
const db = openDatabase(join(dir, 'site.db'));
const endpoints = new EndpointStore(db);
const endpoint = endpoints.get(id);
if (endpoint === undefined) throw new Error(`there is no endpoint ${id}`);
const findings = new Findings(endpoints, new CatalogueStore(db)).of(endpoint);
process.stdout.write(findings.map((one) => `${one.name} ${one.candidate.version}\n`).join(''));
db.close();
