/** What `scripts/words.mjs` makes of `import load from 'words:common,room'`. */
declare module 'words:*' {
  const load: import('./speak').Load;
  export default load;
}
