/** Two texts as one, with what was dropped and what was added; long unchanged stretches are folded until asked for. */

import { useMemo, useRef, useState } from "preact/hooks";
import { folded, type Shown } from "../core/folded";
import { diffTexts, isSame } from "../core/text_diff";
import { alike, blank } from "./diff_words";
import { count, LONGEST, visible } from "./figures";
import { t } from "./messages";
import { NotKept } from "./Text";

interface Props {
  before: string;
  after: string;
  /** What to type for the whole texts, where these are only their beginnings. */
  whole: string | null;
}

export function DiffWords({ before, after, whole }: Props) {
  const pieces = useMemo(() => diffTexts(before, after), [before, after]);
  const [opened, setOpened] = useState<ReadonlySet<number>>(new Set());
  const [most, setMost] = useState(LONGEST);
  const text = useRef<HTMLPreElement>(null);
  const show = (piece: Shown) => {
    if (piece.kind === "folded") setOpened(new Set([...opened, piece.index]));
    else setMost(most + LONGEST);
    text.current?.focus(); // the button is about to go
  };
  return (
    <>
      <p class="vnb-aside">{alike(pieces)}</p>
      {whole && (
        <>
          <p class="vnb-aside">{t("diffCut")}</p>
          <NotKept what={t("whole")} code={whole} />
        </>
      )}
      {!isSame(pieces) && (
        <div class="vnb-said" dir="auto">
          <pre class="vnb-text vnb-diff-text" ref={text} tabIndex={-1}>
            {folded(pieces, most, opened).map((piece, index) => (
              <Stretch key={index} piece={piece} onShow={() => show(piece)} />
            ))}
          </pre>
        </div>
      )}
    </>
  );
}

function Stretch({ piece, onShow }: { piece: Shown; onShow: () => void }) {
  switch (piece.kind) {
    case "kept":
      return <>{visible(piece.text)}</>;
    case "dropped":
      return <del>{visible(blank(piece.text))}</del>;
    case "added":
      return <ins>{visible(blank(piece.text))}</ins>;
    default:
      return (
        <button type="button" class="vnb-link" onClick={onShow}>
          {t(piece.kind === "folded" ? "diffUnchanged" : "diffMore", { n: count(piece.hidden) })}
        </button>
      );
  }
}
