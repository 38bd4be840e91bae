/** The page's element of an id. */
export const find = (id) => document.getElementById(id);
