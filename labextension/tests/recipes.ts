/** Texts by recipe: the twin of tests/fixtures/recipes.py. */

export type Recipe =
  | string
  | Recipe[]
  | { times: number; of: Recipe }
  | { every: number; of: Recipe }
  | { prose: number; seed: number; of: number }
  | { han: number; seed: number };

/** The text that a recipe makes. */
export function cooked(recipe: Recipe): string {
  if (typeof recipe === "string") return recipe;
  if (Array.isArray(recipe)) return recipe.map(cooked).join("");
  if ("times" in recipe) return cooked(recipe.of).repeat(recipe.times);
  if ("every" in recipe) {
    const words = cooked(recipe.of).split(" ");
    return words.map((word, place) => (place % recipe.every === 7 ? "EDITED" : word)).join(" ");
  }
  if ("prose" in recipe) {
    return drawn(recipe.seed, recipe.prose)
      .map((number) => `w${number % recipe.of}`)
      .join(" ");
  }
  return drawn(recipe.seed, recipe.han)
    .map((number) => String.fromCharCode(0x4e00 + (number % 0x400)))
    .join("");
}

/** Numbers that look random: Park and Miller's generator, whose products are exact. */
function drawn(seed: number, count: number): number[] {
  let last = seed;
  return Array.from({ length: count }, () => {
    last = (last * 16_807) % 2_147_483_647;
    return last;
  });
}
