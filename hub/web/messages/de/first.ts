/** The words of this language that the first view needs; those of all other pages come with the first of these. */
const files = import.meta.glob<Record<string, string>>(
  [
    "./attributes.json",
    "./common.json",
    "./control.json",
    "./messages.json",
    "./outcome.json",
    "./people.json",
    "./scenes.json",
    "./settings.json",
    "./setup.json",
  ],
  { import: "default", eager: true },
);

export default Object.assign({}, ...Object.values(files)) as Record<string, string>;
