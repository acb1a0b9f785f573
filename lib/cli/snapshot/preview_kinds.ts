/**
 * The ways to show a picture in a terminal.
 *
 * @module
 */

/** `auto` is the best that the terminal is known to understand. */
export const PREVIEWS = ["auto", "kitty", "iterm", "blocks", "none"] as const;

/** A way to show a picture. */
export type Preview = typeof PREVIEWS[number];
