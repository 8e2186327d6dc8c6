/** What the hub says, in this language. */
const files = import.meta.glob<Record<string, string>>("./*.json", { import: "default", eager: true });

export default Object.assign({}, ...Object.values(files)) as Record<string, string>;
