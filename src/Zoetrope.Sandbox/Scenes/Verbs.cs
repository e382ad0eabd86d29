using System.Collections.Frozen;

namespace Zoetrope.Sandbox.Scenes;

/// <summary>Words for what is done, and for whom it makes of one.</summary>
internal static class Verbs
{
    /// <summary>Verbs that take an object.</summary>
    public static readonly FrozenDictionary<string, Act> Acts = Lexicon.Table<Act>(
        (Act.Ride, "riding rides ride rode driving drives drive steering steers piloting pilots sailing sails rowing rows paddling paddles "
            + "sitting sits sit seated standing stands stand sleeping lying balancing racing galloping surfing skating mounted"),
        (Act.Play, "playing plays play strumming strums practicing practising performing kicking kicks dribbling"),
        (Act.Hold, "holding holds hold carrying carries carry hugging hugs wielding wields lifting lifts raising waving cradling clutching "
            + "gripping selling sells serving serves petting swinging brandishing"),
        (Act.Eat, "eating eats eat biting bites enjoying licking tasting"),
        (Act.Drink, "drinking drinks drink sipping sips"),
        (Act.Read, "reading reads read studying"),
        (Act.Lead, "walking walks walk leading leads"),
        (Act.Throw, "throwing throws throw tossing tosses catching catches catch juggling chasing"),
        (Act.Push, "pushing pushes push pulling pulls"),
        (Act.Fly, "flying flies fly"),
        (Act.Use, "using uses use working works typing looking looks talking speaking writing sweeping making taking peering gazing"));

    /// <summary>Verbs that imply their object.</summary>
    public static readonly FrozenDictionary<string, (Act Act, string Thing)> Implied = Lexicon.Table<(Act, string)>(
        ((Act.Use, "easel"), "painting paints paint drawing draws draw sketching"),
        ((Act.Use, "pot"), "cooking cooks cook stirring frying boiling"),
        ((Act.Hold, "rod"), "fishing angling"),
        ((Act.Hold, "watering-can"), "watering waters"),
        ((Act.Hold, "microphone"), "singing sings sing"),
        ((Act.Ride, "rowboat"), "rowing rows paddling canoeing kayaking"),
        ((Act.Ride, "bicycle"), "cycling biking"),
        ((Act.Ride, "skis"), "skiing skis"),
        ((Act.Ride, "surfboard"), "surfing surfs"),
        ((Act.Ride, "skateboard"), "skateboarding"),
        ((Act.Hold, "camera"), "photographing filming"),
        ((Act.Use, "laptop"), "typing programming"),
        ((Act.Use, "broom"), "sweeping"),
        ((Act.Read, "book"), "reading reads"),
        ((Act.Drink, "coffee"), "drinking drinks sipping"),
        ((Act.Throw, "ball"), "juggling"));

    /// <summary>Nouns for people that say what they do it with.</summary>
    public static readonly FrozenDictionary<string, (Act Act, string Thing)> Trades = Lexicon.Table<(Act, string)>(
        ((Act.Ride, "bicycle"), "cyclist bicyclist"),
        ((Act.Ride, "motorbike"), "motorcyclist biker"),
        ((Act.Ride, "horse"), "horseman horsewoman jockey equestrian"),
        ((Act.Ride, "surfboard"), "surfer"),
        ((Act.Ride, "skis"), "skier"),
        ((Act.Ride, "skateboard"), "skateboarder skater"),
        ((Act.Play, "guitar"), "guitarist"),
        ((Act.Play, "violin"), "violinist fiddler"),
        ((Act.Play, "piano"), "pianist"),
        ((Act.Play, "drums"), "drummer"),
        ((Act.Play, "trumpet"), "trumpeter"),
        ((Act.Play, "flute"), "flutist flautist"),
        ((Act.Hold, "rod"), "fisherman angler"),
        ((Act.Hold, "microphone"), "singer"),
        ((Act.Hold, "camera"), "photographer"));

    /// <summary>Words for several people who are not all alike.</summary>
    public static readonly FrozenDictionary<string, (string[] Kinds, int Count)> Companies = Lexicon.Table<(string[], int)>(
        ((["man", "woman"], 2), "couple lovers newlyweds"),
        ((["man", "woman", "boy"], 3), "family families parents"),
        ((["man", "woman"], 4), "friends people humans crowd audience tourists"));

    /// <summary>People of a trade whose dress no painter knows: a person is drawn and the word is written.</summary>
    public static readonly FrozenSet<string> Trade = Lexicon.Words("farmer worker chef cook businessman businesswoman scientist wizard "
            + "hiker "
        + "traveler traveller pirate king musician detective monk princess queen bride witch fairy nurse doctor teacher student "
            + "firefighter "
        + "fireman policeman policewoman officer athlete runner player cowboy cowgirl superhero artist painter gardener waiter waitress "
        + "barista boxer tourist explorer hunter priest groom actor actress conductor engineer mechanic carpenter blacksmith sailor "
            + "captain "
        + "pilot driver elf soldier viking warrior ninja baker butcher singer dj magician clown shepherd swimmer mayor judge lawyer "
        + "swordsman skateboarder");

    /// <summary>Words that may stand between a verb and its object.</summary>
    public static readonly FrozenSet<string> Determiners = Lexicon.Words("a an the his her their its my your our one some this that two "
        + "three four five");

    /// <summary>After these a verb has no object.</summary>
    public static readonly FrozenSet<string> Ends = Lexicon.Words("and over through across around near by beside behind to toward towards "
        + "into past along while who from between above below inside outside against among during after before next like as down up");
}
