// Advance widths of DejaVu Sans (the shipped font), ASCII 32 to 126, in thousandths of the font size.
const ADVANCE: readonly number[] = [
  318, 401, 460, 838, 636, 950, 780, 275, 390, 390, 500, 838, 318, 361, 318, 337, 636, 636, 636, 636, 636, 636, 636,
  636, 636, 636, 337, 337, 838, 838, 838, 531, 1000, 684, 686, 698, 770, 632, 575, 775, 752, 295, 295, 656, 557, 863,
  748, 787, 603, 787, 695, 635, 611, 732, 684, 989, 685, 611, 685, 390, 337, 390, 838, 500, 500, 613, 635, 550, 635,
  615, 352, 635, 634, 278, 278, 579, 278, 974, 634, 612, 635, 635, 411, 521, 392, 634, 592, 818, 592, 592, 525, 636,
  337, 636, 838,
];
const OTHER_ADVANCE = 660;
const BOLD_FACTOR = 1.13; // the bold cut is 10 to 14 percent wider
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;
const COMBINING = /\p{Mark}/u;

/** Whether a character takes two columns of a terminal. */
export function isWide(character: string): boolean {
  return WIDE.test(character);
}

/** Width of one line of text in pixels, close enough to lay out titles and tables without a canvas. */
export function textWidth(text: string, fontSize: number, bold = false): number {
  let width = 0;
  for (const character of text) {
    const code = character.codePointAt(0)!;
    if (code >= 32 && code < 127) width += ADVANCE[code - 32]!;
    else if (isWide(character)) width += 1000;
    else if (!COMBINING.test(character)) width += OTHER_ADVANCE;
  }
  return (width * fontSize * (bold ? BOLD_FACTOR : 1)) / 1000;
}

/** Columns that a text takes in a terminal. */
export function columnWidth(text: string): number {
  let columns = 0;
  for (const character of text) columns += isWide(character) ? 2 : COMBINING.test(character) ? 0 : 1;
  return columns;
}
