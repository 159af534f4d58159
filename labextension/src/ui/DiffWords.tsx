/** Two texts as one, with what was dropped and what was added; long unchanged stretches are folded until asked for. */

import { useMemo, useRef, useState } from "preact/hooks";
import { folded, type Shown } from "../core/folded";
import { diffTexts, isSame } from "../core/text_diff";
import { alike, blank } from "./diff_words";
import { count, LONGEST, visible } from "./figures";
import { t } from "./messages";
import { Typed } from "./Text";

interface Props {
  before: string;
  after: string;
  /** These are only the beginnings of the texts. */
  cut: boolean;
  /** What to type to compare the whole texts. */
  code: string;
}

/** The most characters of a text that are compared: a page must not be busy with one text. */
const MOST = 200_000;

export function DiffWords({ before, after, cut, code }: Props) {
  const pieces = useMemo(() => diffTexts(before.slice(0, MOST), after.slice(0, MOST)), [before, after]);
  const compared = Math.min(MOST, Math.max(before.length, after.length));
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
      {(cut || Math.max(before.length, after.length) > MOST) && (
        <p class="vnb-aside">
          {t("diffCut", { n: count(compared) })} <Typed code={code} />
        </p>
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
