using System.Collections.Frozen;
using SkiaSharp;
using Zoetrope.Sandbox.Drawing;

namespace Zoetrope.Sandbox.Scenes;

/// <summary>What single words mean to the renderer. Each line: a meaning and the words for it, in English and a few neighbours.</summary>
internal static class Lexicon
{
    public static readonly FrozenDictionary<string, Place> Places = Table<Place>(
        (Place.Sea, "sea ocean waves wave coast coastline seascape cliffs mer mar meer océan océano море 海"),
        (Place.Beach, "beach shore seashore tropical island playa plage strand bahamas пляж"),
        (Place.Lake, "lake pond lagoon fjord reflection reflections see lac lago озеро 湖"),
        (Place.River, "river stream creek canal fluss río rivière река 河"),
        (Place.Waterfall, "waterfall waterfalls cascade cascades wasserfall cascada"),
        (Place.Mountains, "mountain mountains alps alpine peak peaks summit himalaya ridge cliff valley montaña montagne berg berge гора "
            + "горы 山"),
        (Place.Meadow, "meadow hill hills field fields grass grassland countryside pasture farm park prairie savanna savannah vineyard "
            + "lawn wiese campo champ поле"),
        (Place.Garden, "garden gardens backyard yard orchard garten jardín jardin сад 庭"),
        (Place.Desert, "desert dune dunes sahara sand canyon wüste desierto désert пустыня 沙漠"),
        (Place.Forest, "forest woods woodland wood grove autumn fall clearing wald bosque forêt лес 森 森林"),
        (Place.Jungle, "jungle rainforest selva dschungel"),
        (Place.City, "city skyline cityscape downtown metropolis skyscraper skyscrapers urban manhattan tokyo york futuristic stadt "
            + "ciudad ville город 城市 buildings"),
        (Place.Street, "street road alley avenue highway crosswalk boulevard cafe café market shop strasse straße calle rue улица"),
        (Place.Village, "village town hamlet dorf pueblo деревня"),
        (Place.Arctic, "arctic antarctic antarctica iceberg icebergs glacier tundra polar ski winter ice frozen"),
        (Place.Space, "space galaxy cosmos nebula orbit universe interstellar cosmic weltraum espacio espace космос 宇宙"),
        (Place.Orbit, "earth globe orbit-earth low-orbit erde tierra terre земля 地球"),
        (Place.Planet, "moonscape mars martian lunar crater planet planet-surface alien-planet"),
        (Place.Underwater, "underwater reef coral seabed undersea subaquatic unterwasser submarino"),
        (Place.Room, "room interior bedroom living indoors inside library office fireplace window desk sofa couch zimmer"),
        (Place.Kitchen, "kitchen table dining restaurant diner bakery bar counter küche cocina"),
        (Place.Studio, "studio product product-shot packshot pedestal backdrop podium isolated advertisement"),
        (Place.Sky, "sky clouds-above heavens cloudscape himmel cielo ciel небо 空"),
        (Place.Volcano, "volcano volcanic lava eruption erupting vulkan volcán"));

    public static readonly FrozenDictionary<string, Daytime> Times = Table<Daytime>(
        (Daytime.Sunrise, "sunrise dawn morning sonnenaufgang amanecer рассвет"),
        (Daytime.Sunset, "sunset golden evening sundown sonnenuntergang atardecer закат 夕日"),
        (Daytime.Dusk, "dusk twilight blue-hour dämmerung crepúsculo сумерки"),
        (Daytime.Night, "night midnight nighttime moonlit moonlight moon stars starry starlit nacht noche nuit dark ночь 夜 campfire "
            + "fireworks lantern lanterns aurora northern neon cyberpunk"),
        (Daytime.Day, "day noon midday daylight sunny tag día jour день"));

    public static readonly FrozenDictionary<string, Weather> Weathers = Table<Weather>(
        (Weather.Rain, "rain rainy raining drizzle downpour shower regen lluvia pluie дождь 雨 wet"),
        (Weather.Snow, "snow snowy snowing snowfall snowflakes blizzard winter christmas schnee nieve neige снег 雪 snow-covered "
            + "snowcapped"),
        (Weather.Storm, "storm stormy thunder thunderstorm lightning tempest sturm tormenta orage гроза 嵐"),
        (Weather.Clouds, "cloud clouds cloudy overcast cloudscape wolken nubes nuages облака"),
        (Weather.Fog, "fog foggy mist misty haze hazy smoke steam nebel niebla brume туман"),
        (Weather.Wind, "wind windy breeze gale blowing breezy viento vent"),
        (Weather.Aurora, "aurora northern borealis"),
        (Weather.Rainbow, "rainbow"),
        (Weather.Stars, "star stars starry starlit milky constellation constellations estrellas звёзды 星"),
        (Weather.Moon, "moon moonlit moonlight crescent mond luna lune луна 月"),
        (Weather.Petals, "petals blossom blossoms sakura cherry-blossom confetti"),
        (Weather.Leaves, "leaves autumn autumnal fall"),
        (Weather.Fireflies, "fireflies firefly magical magic sparkles enchanted fairy glowing"));

    public static readonly FrozenDictionary<string, Style> Styles = Table<Style>(
        (Style.Watercolor, "watercolor watercolour aquarell acuarela aquarelle gouache акварель"),
        (Style.Oil, "oil impasto impressionist impressionism monet gogh painterly ölgemälde painting"),
        (Style.Pixel, "pixel pixelart pixel-art 8-bit 8bit 16-bit voxel"),
        (Style.Sketch, "sketch pencil drawing line-art lineart ink charcoal doodle linework engraving skizze"),
        (Style.Mono, "monochrome noir black-and-white grayscale greyscale b&w"),
        (Style.Neon, "neon cyberpunk synthwave vaporwave retrowave tron"),
        (Style.Cartoon, "cartoon anime comic manga ghibli toon disney cel"),
        (Style.Vintage, "vintage sepia retro old-fashioned polaroid nostalgic daguerreotype antique"),
        (Style.Minimal, "minimal minimalist minimalistic flat poster"),
        (Style.LowPoly, "low-poly lowpoly polygonal origami geometric"),
        (Style.Clay, "3d clay claymation render plasticine isometric"));

    public static readonly FrozenDictionary<string, Motion> Motions = Table<Motion>(
        (Motion.Walk, "walking walk walks strolling stroll marching"),
        (Motion.Run, "running run runs galloping gallop racing chasing sprinting speeding driving jogging rennt corriendo"),
        (Motion.Fly, "flying fly flies soaring soars gliding hovering fliegt volando"),
        (Motion.Swim, "swimming swim swims diving sailing surfing"),
        (Motion.Dance, "dancing dance dances twirling spinning"),
        (Motion.Sleep, "sleeping asleep sleep sleeps napping resting lying curled"),
        (Motion.Float, "floating float floats drifting levitating weightless"),
        (Motion.Jump, "jumping jump jumps leaping leaps bouncing hopping breaching"),
        (Motion.Play, "playing play plays playful frolicking spielen jugando jouant"),
        (Motion.Still, "standing stands posing still portrait"),
        (Motion.Sit, "sitting sits seated kneeling meditating crouching"));

    public static readonly FrozenDictionary<string, int> Counts = Table(
        (2, "two pair couple both 2 twin zwei dos deux два"),
        (3, "three 3 trio several drei tres trois три"),
        (4, "four 4 vier cuatro quatre family"),
        (5, "five 5 group fünf cinco cinq pack"),
        (6, "six 6 many herd"),
        (7, "seven 7 school"),
        (8, "eight 8"),
        (9, "nine 9 flock swarm"),
        (10, "ten 10 crowd dozens"),
        (12, "twelve 12 dozen"));

    public static readonly FrozenDictionary<string, SKColor> Colors = Table(
        (new SKColor(0xD5, 0x33, 0x2B), "red crimson scarlet ruby rojo rouge rot красный"),
        (new SKColor(0xF0, 0x82, 0x23), "orange naranja amber ginger tangerine"),
        (new SKColor(0xF4, 0xC5, 0x2E), "yellow gelb amarillo jaune жёлтый lemon"),
        (new SKColor(0xE3, 0xB2, 0x4A), "gold blond"),
        (new SKColor(0x3E, 0xA0, 0x4C), "green emerald verde vert grün зелёный olive"),
        (new SKColor(0x26, 0xA6, 0xA0), "teal turquoise cyan aqua"),
        (new SKColor(0x2D, 0x6C, 0xDF), "blue azul bleu blau синий navy cobalt sapphire"),
        (new SKColor(0x7E, 0x45, 0xC0), "purple violet lila morado lavender indigo"),
        (new SKColor(0xEE, 0x6F, 0xA8), "pink rosa magenta fuchsia"),
        (new SKColor(0x8A, 0x5A, 0x33), "brown marron braun chestnut wooden"),
        (new SKColor(0x2B, 0x2B, 0x33), "black schwarz negro noir чёрный"),
        (new SKColor(0xF6, 0xF4, 0xEE), "white weiß weiss blanco blanc белый ivory"),
        (new SKColor(0x8D, 0x93, 0x9C), "gray grey grau gris серый"),
        (new SKColor(0xC3, 0xC9, 0xD2), "silver chrome metallic"));

    /// <summary>Words that carry no picture; they are never lettered.</summary>
    public static readonly FrozenSet<string> Silent = Words(
        "a an the of in on at to and or with by for from into over under above below near beside behind between through across along "
            + "around up down out off as is are was were be being been it its this that these those there here his her their my your our "
            + "i you he she they we "
        + "very really extremely highly super ultra beautiful stunning gorgeous epic dramatic cinematic realistic photorealistic "
            + "hyperrealistic photo photograph photography image picture video clip footage scene shot view style art artwork "
            + "illustration render rendering quality high resolution detailed details detail intricate best masterpiece 4k 8k hd uhd hdr "
            + "lighting light lit lights soft warm cool cold bright big small large little tiny huge giant tall old young new cute "
            + "fluffy majestic beautifully gentle gently slow slowly fast quickly calm peaceful serene lush cozy cosy quiet "
        + "follow follows following crossing morph turn transform convert change into become edit replace restyle animate make create "
            + "generate draw paint show depict featuring feature add please want some any lot lots one single lone solitary front back "
            + "side left right center middle top bottom full half close closeup close-up wide angle aerial macro lens camera move moves "
            + "moving pan pans panning zoom zooms zooming dolly tilt tilts orbit orbits tracking static timelapse time-lapse motion loop "
            + "seamless hour style: hyper vivid colors colours color colour colorful colourful colored background foreground says saying "
            + "say reads reading written sign text word words titled title group crowd flock herd pack school swarm field bunch pair "
            + "wearing having being going doing getting showing including facing surrounding overlooking shining sparkling smiling "
            + "putting casting "
            + "laughing arms hands hand lap breathing-fire fire-breathing during while where when which who filled covered inside whole "
            + "hello per frame frames "
            + "second seconds test sandbox");

    /// <summary>Words that name a thing only where somebody has it; a camera is also what moves, and glass what houses are made of.</summary>
    public static readonly FrozenSet<string> Shy = Words("camera cameras drone glass staff");

    public static readonly FrozenSet<string> Owners = Words("a an his her their my our two three with");

    public static readonly FrozenSet<string> Small = Words("on in at of over above under near by to from beside behind");

    /// <summary>What comes in what: the two words are one thing.</summary>
    public static readonly FrozenDictionary<string, string> Vessels = new Dictionary<string, string>
    {
        ["bowl"] = "noodles bowl",
        ["plate"] = "noodles pizza burger cake",
        ["slice"] = "pizza cake",
        ["piece"] = "pizza cake",
        ["glass"] = "bottle glass",
        ["bottle"] = "bottle",
        ["cup"] = "coffee",
        ["mug"] = "coffee",
        ["vase"] = "flower rose tulip sunflower",
    }.ToFrozenDictionary();

    public static readonly FrozenSet<string> Garments = Words("dress shirt jacket coat suit sweater hoodie kimono robe gown cape cloak "
            + "t-shirt "
        + "blouse raincoat uniform armor armour skirt tunic cardigan blazer");

    public static readonly FrozenSet<string> Negations = Words("no without not ohne sin sans без");

    /// <summary>Meanings of words that name something a painter can draw.</summary>
    public static string? SubjectOf(string word) => SubjectCatalog.Words.GetValueOrDefault(word);

    public static FrozenDictionary<string, T> Table<T>(params ReadOnlySpan<(T Meaning, string Words)> lines)
    {
        var table = new Dictionary<string, T>(StringComparer.Ordinal);
        foreach (var (meaning, words) in lines)
        {
            foreach (var word in words.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                table[word] = meaning;
            }
        }

        return table.ToFrozenDictionary(StringComparer.Ordinal);
    }

    public static FrozenSet<string> Words(string words) =>
        words.Split(' ', StringSplitOptions.RemoveEmptyEntries).ToFrozenSet(StringComparer.Ordinal);
}
