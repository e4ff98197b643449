/**
 * What a site with one operator says of itself, in the same words on every print, export and screen (safety rule 9). Free of schemas,
 * so that whatever writes a report can take it.
 */
export const SINGLE_OPERATOR = 'This site has one operator: one person both asks and answers here.';
