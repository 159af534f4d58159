"""The English grammar of article parts. No verb agrees with the topic, so that any topic fits."""

SLOTS: dict[str, tuple[str, ...]] = {
    "when": ("long ago", "in small towns", "many years ago", "before most people noticed", "in an earlier age"),
    "who": ("a few careful people", "small groups of experts", "curious beginners", "travellers and traders"),
    "place": ("at home", "at work", "in schools", "in many countries", "in large cities", "in small villages"),
    "soon": ("In the coming years", "Soon", "In the next decade", "Before long", "One day"),
}
OPEN: dict[str, tuple[str, ...]] = {
    "history": (
        "The history of {t} began {when}.",
        "The first records of {t} were made {when}.",
        "The story of {t} starts with {who}.",
        "Early work on {t} was done by {who}.",
        "Interest in {t} grew slowly and started {when}.",
        "People first wrote about {t} {when}.",
    ),
    "present": (
        "Today {t} can be found {place}.",
        "At present {t} matters to people {place}.",
        "Many people now meet {t} {place}.",
        "The world of {t} is busy today, above all {place}.",
        "Right now work on {t} goes on {place}.",
        "Today questions about {t} are discussed {place}.",
    ),
    "future": (
        "{soon} {t} will reach more people.",
        "{soon} new tools will change {t}.",
        "The future of {t} looks open.",
        "{soon} {t} may become cheaper and better.",
        "What comes next for {t} depends on {who}.",
        "{soon} more will be known about {t}.",
    ),
    "uses": (
        "The main use of {t} is found {place}.",
        "People use {t} in many ways {place}.",
        "There are many uses of {t}, most of them {place}.",
        "The uses of {t} were found by {who}.",
    ),
    "benefits": (
        "One benefit of {t} is felt {place}.",
        "The benefits of {t} are clear {place}.",
        "Thanks to {t} life is better {place}.",
        "Those who know {t} well praise its benefits.",
    ),
    "risks": (
        "The risks of {t} are often overlooked {place}.",
        "One risk of {t} is that mistakes cost money.",
        "There are risks in {t}, and {who} warn of them.",
        "Not everything about {t} is safe {place}.",
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
