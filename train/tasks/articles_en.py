"""The English grammar of article parts. No verb agrees with the topic, so that any topic fits."""

SLOTS: dict[str, tuple[str, ...]] = {
    "when": ("long ago", "in small towns", "many years ago", "before most people noticed", "in an earlier age"),
    "who": ("a few careful people", "small groups of experts", "curious beginners", "travellers and traders"),
    "place": ("at home", "at work", "in schools", "in many countries", "in large cities", "in small villages"),
    "soon": ("In the coming years", "Soon", "In the next decade", "Before long", "One day"),
}
# Within a part the words before the topic are the same: whatever the words after it, they fit.
OPEN: dict[str, tuple[str, ...]] = {
    "history": (
        "The history of {t} began {when}.",
        "The history of {t} starts with {who}.",
        "The history of {t} was written by {who}.",
        "The history of {t} grew slowly and started {when}.",
    ),
    "present": (
        "Today {t} can be found {place}.",
        "Today {t} can matter to people {place}.",
        "Today {t} can support many jobs {place}.",
        "Today {t} can be discussed {place}.",
    ),
    "future": (
        "{soon} {t} will reach more people.",
        "{soon} {t} may become cheaper and better.",
        "{soon} {t} will change with new tools.",
        "{soon} {t} will be found {place}.",
    ),
    "uses": (
        "People use {t} in many ways {place}.",
        "People use {t} more every year.",
        "People use {t} above all {place}.",
    ),
    "benefits": (
        "The benefits of {t} are clear {place}.",
        "The benefits of {t} were found by {who}.",
        "The benefits of {t} are felt {place}.",
    ),
    "risks": (
        "The risks of {t} are often overlooked {place}.",
        "The risks of {t} were found by {who}.",
        "The risks of {t} are small {place}.",
    ),
}
FOLLOW: dict[str, tuple[str, ...]] = {
    "history": (
        "At first few people knew about it.",
        "It spread step by step from one region to the next.",
        "Over time the methods became better.",
        "Many early ideas failed, but some survived.",
        "Each generation added something new.",
        "Old letters describe the first attempts.",
    ),
    "present": (
        "Prices have fallen and quality has improved.",
        "Experts share what they learn with everyone.",
        "It supports many jobs.",
        "There are still problems to solve.",
        "Young people take part as well.",
        "Good advice is easy to find.",
    ),
    "future": (
        "Careful rules will be needed.",
        "Small steps will matter more than big promises.",
        "Research will answer some open questions.",
        "Nobody knows every detail yet.",
        "Much depends on good teachers.",
        "Cooperation will make it easier.",
    ),
    "uses": (
        "Some uses are simple, others need training.",
        "New uses are found every year.",
        "It saves time and effort.",
        "It also helps in an emergency.",
    ),
    "benefits": (
        "It brings people together.",
        "It saves money in the long run.",
        "Health and comfort improve too.",
        "Even small projects gain from it.",
    ),
    "risks": (
        "Good planning keeps them small.",
        "Clear rules can help.",
        "It is wise to start small.",
        "Regular checks find most problems early.",
    ),
}
