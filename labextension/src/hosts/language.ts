/** Speaks as JupyterLab does. */

import { languageOf, speak } from "../ui/messages";
import { learn } from "../ui/told";

/**
 * From now on messages come in JupyterLab's language, also those of runs and kernels, whose templates come as a file of
 * their own when they are first needed.
 *
 * @param translator JupyterLab's; its language packs hold no words of vnb.
 */
export async function speakAs(translator: { readonly languageCode: string } | null | undefined): Promise<void> {
  const language = languageOf(translator?.languageCode);
  speak(language);
  if (language === "zh_CN") learn((await import("../../../vnb/locale/zh_CN.json")).default);
}
