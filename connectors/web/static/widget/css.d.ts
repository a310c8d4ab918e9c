/** A style sheet is imported as its text; see connectors/web/widget.py. */
declare module "*.css" {
  const text: string;
  export default text;
}
