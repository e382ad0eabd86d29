using System.Collections.Frozen;
using Zoetrope.Sandbox.Drawing.Subjects;
using Zoetrope.Sandbox.Scenes;

namespace Zoetrope.Sandbox.Drawing;

/// <summary>Every subject the sandbox can draw: its words, its painter, where it lives and how big it is. A new one is one line.</summary>
internal static class SubjectCatalog
{
    private static readonly SubjectSpec[] All =
    [
        new("cat", "kitten kitty gato chat katze кот кошка 猫 tabby feline", Pets.Cat, Habitat.Ground, 0.36f, 0xD98A45),
        new("dog", "puppy perro chien hund собака 犬 狗 corgi retriever labrador husky", Pets.Dog, Habitat.Ground, 0.36f,
            0xC08A52) { Aspect = 1.4f },
        new("rabbit", "bunny hare conejo lapin hase", Pets.Rabbit, Habitat.Ground, 0.3f, 0xC9B49A),
        new("duck", "duckling goose swan ente pato canard", Pets.Duck, Habitat.Water, 0.18f, 0xF6F1E0) { Home = Place.Lake, Aspect = 1.3f },
        new("fox", "red-fox fuchs zorro renard лиса", Wildlife.Fox, Habitat.Ground, 0.36f, 0xE0702A) { Home = Place.Forest, Aspect = 1.7f },
        new("wolf", "loup lobo волк coyote", Wildlife.Wolf, Habitat.Ground, 0.38f, 0x7E858F) { Home = Place.Forest, Aspect = 1.6f },
        new("horse", "pony stallion mare pferd caballo cheval лошадь 马 馬 zebra donkey", Wildlife.Horse, Habitat.Ground, 0.42f,
            0x8A5230) { Aspect = 1.3f },
        new("unicorn", "pegasus einhorn unicornio licorne", Wildlife.Unicorn, Habitat.Ground, 0.42f, 0xF3ECF5) { Aspect = 1.3f },
        new("elephant", "elefant elefante éléphant слон mammoth", Wildlife.Elephant, Habitat.Ground, 0.46f, 0x8C8F9A) { Aspect = 1.4f },
        new("bear", "grizzly bär oso ours медведь teddy koala", Wildlife.Bear, Habitat.Ground, 0.42f, 0x7A4E30) { Home = Place.Forest },
        new("panda", "панда 熊猫", Wildlife.Panda, Habitat.Ground, 0.42f, 0xF6F4EE) { Home = Place.Jungle },
        new("lion", "lioness löwe león лев 獅子", Wildlife.Lion, Habitat.Ground, 0.4f, 0xD9A24E) { Aspect = 1.4f },
        new("tiger", "tigre тигр 虎 leopard cheetah jaguar panther", Wildlife.Tiger, Habitat.Ground, 0.38f, 0xE58A2E) { Home = Place.Jungle,
            Aspect = 1.5f },
        new("deer", "stag reindeer elk moose hirsch ciervo cerf fawn antelope giraffe", Wildlife.Deer, Habitat.Ground, 0.44f,
            0xA8703E) { Home = Place.Forest },
        new("cow", "bull cattle kuh vaca vache bison buffalo", Wildlife.Cow, Habitat.Ground, 0.36f, 0xF3EEE6) { Aspect = 1.5f },
        new("sheep", "lamb goat llama alpaca schaf oveja mouton", Wildlife.Sheep, Habitat.Ground, 0.3f, 0xF6F2E8) { Aspect = 1.3f },
        new("bird", "sparrow robin hummingbird seagull gull crow raven dove pigeon swallow vogel pájaro oiseau птица 鳥 鸟", Birds.Bird,
            Habitat.Air, 0.17f, 0x3F7FC9) { Many = 7, Aspect = 1.3f, Travels = true },
        new("eagle", "hawk falcon adler águila aigle орёл condor", Birds.Eagle, Habitat.Air, 0.3f, 0x5A3A26) { Home = Place.Mountains,
            Aspect = 2.2f, Travels = true },
        new("owl", "eule búho hibou сова", Birds.Owl, Habitat.Ground, 0.38f, 0x8A6A48) { Home = Place.Forest },
        new("penguin", "pinguin pingüino pingouin пингвин", Birds.Penguin, Habitat.Ground, 0.34f, 0x232A38) { Home = Place.Arctic,
            Aspect = 0.7f },
        new("flamingo", "heron crane stork", Birds.Flamingo, Habitat.Ground, 0.42f, 0xF28AA8) { Home = Place.Lake, Aspect = 0.8f },
        new("parrot", "macaw toucan loro perroquet", Birds.Parrot, Habitat.Ground, 0.4f, 0xD5332B) { Home = Place.Jungle },
        new("butterfly", "moth schmetterling mariposa papillon бабочка 蝶", Birds.Butterfly, Habitat.Air, 0.24f, 0xF0882A) { Many = 5,
            Aspect = 1.2f, Home = Place.Meadow },
        new("bee", "bumblebee wasp biene abeja abeille dragonfly ladybug", Birds.Bee, Habitat.Air, 0.16f, 0xF6C42E) { Many = 4,
            Home = Place.Meadow },
        new("fish", "goldfish koi salmon clownfish tuna fisch pez poisson рыба 鱼 魚", SeaLife.Fish, Habitat.Underwater, 0.2f,
            0xF28A2E) { Home = Place.Underwater, Many = 7, Aspect = 1.5f, Travels = true },
        new("whale", "orca wal ballena baleine кит 鲸", SeaLife.Whale, Habitat.Underwater, 0.3f, 0x3A5F8A) { Home = Place.Underwater,
            Aspect = 2.3f, Travels = true },
        new("shark", "hai tiburón requin акула", SeaLife.Shark, Habitat.Underwater, 0.3f, 0x6A7F94) { Home = Place.Underwater,
            Aspect = 2.1f, Travels = true },
        new("turtle", "tortoise schildkröte tortuga tortue черепаха", SeaLife.Turtle, Habitat.Underwater, 0.26f,
            0x5A8A4A) { Home = Place.Underwater, Aspect = 1.6f, Travels = true },
        new("octopus", "squid kraken pulpo krake осьминог", SeaLife.Octopus, Habitat.Underwater, 0.38f,
            0xC95A7A) { Home = Place.Underwater, Aspect = 1.3f },
        new("jellyfish", "medusa qualle méduse медуза", SeaLife.Jellyfish, Habitat.Underwater, 0.34f, 0xB57AE0) { Lit = true,
            Home = Place.Underwater, Many = 4 },
        new("dolphin", "delfin delfín dauphin дельфин porpoise seal", SeaLife.Dolphin, Habitat.Underwater, 0.26f,
            0x5A7F9E) { Home = Place.Underwater, Aspect = 2, Travels = true },
        new("crab", "lobster krabbe cangrejo crabe", SeaLife.Crab, Habitat.Ground, 0.24f, 0xDB4A32) { Home = Place.Beach, Aspect = 1.4f },
        new("man", "person guy father grandfather farmer fisherman worker chef businessman scientist wizard hiker surfer skier traveler "
            + "traveller pirate king hombre homme mann человек мужчина 人 男 people friends couple family crowd humans musician detective "
            + "monk", People.Man, Habitat.Ground, 0.46f, 0x3F6FB0) { Aspect = 0.5f },
        new("woman", "lady girl mother grandmother princess queen bride model witch fairy mujer chica frau mädchen femme fille женщина "
            + "девушка девочка 女 女孩", People.Woman, Habitat.Ground, 0.45f, 0xC9457A) { Aspect = 0.55f },
        new("boy", "child kid children kids toddler son baby niño junge garçon мальчик", People.Boy, Habitat.Ground, 0.34f,
            0xE0A12E) { Aspect = 0.5f },
        new("dancer", "ballerina ballet bailarina tänzerin danseuse", People.Dancer, Habitat.Ground, 0.46f, 0xE88AB0) { Aspect = 0.8f,
            Motion = Motion.Dance },
        new("samurai", "ninja warrior самурай 侍 swordsman", People.Samurai, Habitat.Ground, 0.46f, 0x8A2A2E) { Aspect = 0.8f },
        new("knight", "paladin ritter caballero chevalier рыцарь soldier viking", People.Knight, Habitat.Ground, 0.46f,
            0x2D6CDF) { Aspect = 0.8f },
        new("astronaut", "cosmonaut spaceman astronauta astronaute космонавт 宇航员", People.Astronaut, Habitat.Ground, 0.44f,
            0xF2F3F6) { Home = Place.Planet, Aspect = 0.8f },
        new("dragon", "wyvern drache dragón дракон 龙 龍 竜", Fantasy.Dragon, Habitat.Air, 0.34f, 0x3E9A4C) { Home = Place.Mountains,
            Aspect = 2.4f },
        new("dinosaur", "dino t-rex trex tyrannosaurus dinosaurier динозавр godzilla velociraptor", Fantasy.Dinosaur, Habitat.Ground, 0.5f,
            0x6A9A4A) { Home = Place.Jungle, Aspect = 1.8f },
        new("robot", "android cyborg mech droid роботы робот roboter 机器人", Fantasy.Robot, Habitat.Ground, 0.46f,
            0x7FA3C4) { Home = Place.City, Aspect = 0.8f },
        new("ghost", "spirit phantom geist fantasma fantôme", Fantasy.Ghost, Habitat.Ground, 0.4f, 0xF4F6FF) { Lit = true,
            Home = Place.Forest, Shadow = false },
        new("mermaid", "siren sirena sirène meerjungfrau", Fantasy.Mermaid, Habitat.Underwater, 0.44f,
            0xB06AD0) { Home = Place.Underwater },
        new("car", "automobile taxi truck van jeep lamborghini ferrari porsche convertible auto coche voiture машина автомобиль 车 車 "
            + "sportscar supercar", Vehicles.Car, Habitat.Ground, 0.2f, 0xD5332B) { Home = Place.Street, Aspect = 2.3f },
        new("bus", "tram trolley streetcar minibus", Vehicles.Bus, Habitat.Ground, 0.25f, 0xE0A12E) { Home = Place.Street, Aspect = 2.2f },
        new("train", "locomotive railway steam-train zug tren поезд 列车", Vehicles.Train, Habitat.Ground, 0.2f,
            0x8A2A2E) { Home = Place.Mountains, Aspect = 4 },
        new("bicycle", "bike motorcycle motorbike scooter cyclist fahrrad bicicleta vélo велосипед 自行车", Vehicles.Bicycle, Habitat.Ground,
            0.32f, 0xD5332B) { Home = Place.Street, Aspect = 1.5f },
        new("boat", "sailboat yacht sail canoe kayak barco boot bateau лодка парусник 船 sailing-boat", Vehicles.Sailboat, Habitat.Water,
            0.36f, 0xD5433A) { Home = Place.Sea, Aspect = 1.2f },
        new("ship", "ferry cruise vessel tanker galleon schiff navire корабль cruise-ship", Vehicles.Ship, Habitat.Water, 0.26f,
            0x24406A) { Home = Place.Sea, Aspect = 2.1f },
        new("airplane", "plane jet aircraft airliner helicopter drone flugzeug avión avion самолёт 飞机", Vehicles.Airplane, Habitat.Air,
            0.24f, 0x2D6CDF) { Home = Place.Sky, Aspect = 2.1f, Travels = true },
        new("balloon", "hot-air hot-air-balloon airship zeppelin globo montgolfière", Vehicles.Balloon, Habitat.Air, 0.3f,
            0xD5332B) { Home = Place.Meadow, Many = 5, Aspect = 0.9f },
        new("rocket", "spaceship spacecraft shuttle starship rakete cohete fusée ракета 火箭", Vehicles.Rocket, Habitat.Air, 0.44f,
            0xD5332B) { Home = Place.Space, Aspect = 0.8f },
        new("ufo", "saucer ufos flying-saucer", Vehicles.Ufo, Habitat.Air, 0.24f, 0x8A97A8) { Home = Place.Meadow, Aspect = 1.7f },
        new("tree", "oak maple willow baum árbol arbre дерево 树 木 bonsai cherry birch", Plants.Tree, Habitat.Ground, 0.58f,
            0x4E9A3E) { Aspect = 0.8f },
        new("pine", "fir spruce conifer tanne sapin christmas-tree", Plants.Pine, Habitat.Ground, 0.55f, 0x2F6E4A) { Aspect = 0.6f,
            Home = Place.Mountains },
        new("palm", "coconut palmera palme palmier", Plants.Palm, Habitat.Ground, 0.62f, 0x3E9A4C) { Aspect = 0.9f, Home = Place.Beach },
        new("cactus", "cacti saguaro kaktus", Plants.Cactus, Habitat.Ground, 0.42f, 0x4E8A4A) { Home = Place.Desert, Aspect = 0.7f },
        new("flower", "daisy wildflower lily orchid poppy lotus bouquet blume flor fleur цветок цветы 花", Plants.Flower, Habitat.Ground,
            0.4f, 0xE85A9A) { Grows = true, Many = 7, Aspect = 0.5f },
        new("rose", "роза 玫瑰 rosen", Plants.Rose, Habitat.Ground, 0.46f, 0xC9242E) { Grows = true, Many = 5, Aspect = 0.55f },
        new("sunflower", "sonnenblume girasol tournesol подсолнух", Plants.Sunflower, Habitat.Ground, 0.48f, 0xF6C42E) { Grows = true,
            Many = 7, Aspect = 0.6f },
        new("tulip", "tulipán tulpe tulipe тюльпан", Plants.Tulip, Habitat.Ground, 0.4f, 0xE0403A) { Grows = true, Many = 9,
            Aspect = 0.45f },
        new("mushroom", "toadstool fungus pilz seta champignon гриб fungi", Plants.Mushroom, Habitat.Ground, 0.38f,
            0xD5332B) { Home = Place.Forest, Aspect = 1.05f },
        new("house", "cottage cabin hut barn home haus casa maison дом 家 房子 church chalet farmhouse", Buildings.House, Habitat.Ground,
            0.36f, 0xF3E3C2) { Aspect = 1.2f, Shadow = false },
        new("castle", "palace fortress schloss burg castillo château замок 城堡 temple", Buildings.Castle, Habitat.Backdrop, 0.5f,
            0xB8AFA4) { Tall = 1.65f, Home = Place.Meadow, Aspect = 1.4f, Shadow = false },
        new("lighthouse", "leuchtturm faro phare маяк 灯塔", Buildings.Lighthouse, Habitat.Backdrop, 0.62f, 0xD5332B) { Home = Place.Sea,
            Aspect = 1, Shadow = false },
        new("windmill", "mill windmühle molino moulin мельница", Buildings.Windmill, Habitat.Backdrop, 0.5f,
            0xEDE2CC) { Home = Place.Meadow, Shadow = false },
        new("bridge", "brücke puente pont мост 桥 橋", Buildings.Bridge, Habitat.Backdrop, 0.36f, 0xC0472E) { Home = Place.River, Aspect = 4,
            Shadow = false },
        new("tent", "camp camping zelt carpa yurt", Buildings.Tent, Habitat.Ground, 0.28f, 0xE0702A) { Home = Place.Mountains,
            Aspect = 1.5f },
        new("pyramid", "pyramide pirámide пирамида", Buildings.Pyramid, Habitat.Backdrop, 0.44f, 0xDDB26A) { Home = Place.Desert,
            Aspect = 1.9f, Shadow = false },
        new("apple", "fruit cherry peach tomato orange-fruit pear manzana apfel pomme яблоко 苹果", Things.Apple, Habitat.Table, 0.34f,
            0xD5332B) { Home = Place.Kitchen },
        new("cake", "cupcake torte pastel gâteau торт dessert birthday", Things.Cake, Habitat.Table, 0.42f,
            0xF0A0B8) { Home = Place.Kitchen, Aspect = 1.3f },
        new("pizza", "пицца burger pasta noodles ramen food soup bread", Things.Pizza, Habitat.Table, 0.34f,
            0xF6CB5C) { Home = Place.Kitchen, Aspect = 1.9f },
        new("coffee", "cup tea mug espresso latte cappuccino kaffee café-cup kaffeetasse чай кофе 咖啡 teacup", Things.Coffee, Habitat.Table,
            0.36f, 0xF4EEE2) { Home = Place.Kitchen, Aspect = 1.3f },
        new("guitar", "ukulele violin gitarre guitarra guitare гитара", Things.Guitar, Habitat.Table, 0.34f, 0xC07A3A) { Home = Place.Room,
            Aspect = 0.8f },
        new("piano", "klavier пианино keyboard", Things.Piano, Habitat.Ground, 0.34f, 0x22222A) { Home = Place.Room, Aspect = 1.9f },
        new("book", "novel notebook buch libro livre книга 书 本 bible", Things.Book, Habitat.Table, 0.26f, 0x8A2A2E) { Home = Place.Room,
            Aspect = 2 },
        new("lamp", "lampe lámpara chandelier", Things.Lamp, Habitat.Table, 0.44f, 0xE3B24A) { Home = Place.Room, Aspect = 0.8f },
        new("candle", "kerze vela bougie свеча 蜡烛", Things.Candle, Habitat.Table, 0.32f, 0xF3E8D2) { Lit = true, Home = Place.Room,
            Aspect = 0.5f },
        new("campfire", "fire bonfire flames flame feuer fuego feu костёр огонь 火", Things.Campfire, Habitat.Ground, 0.3f,
            0xF4682A) { Lit = true, Home = Place.Forest, Aspect = 1.2f, Shadow = false },
        new("fireworks", "firework feuerwerk салют 烟花 花火", Things.Fireworks, Habitat.Air, 0.4f, 0xFF6A8A) { Lit = true, Home = Place.City,
            One = 5, Many = 5, Shadow = false },
        new("crystal", "diamond gem gemstone jewel amethyst quartz diamant", Things.Crystal, Habitat.Table, 0.42f,
            0x5AB8F0) { Home = Place.Studio },
        new("heart", "love herz corazón cœur сердце 心 valentine", Things.Heart, Habitat.Table, 0.44f, 0xE0334A) { Home = Place.Studio,
            Shadow = false },
        new("umbrella", "parasol regenschirm paraguas parapluie зонт", Things.Umbrella, Habitat.Ground, 0.42f,
            0xD5332B) { Home = Place.Street },
        new("ball", "soccer football basketball sphere orb bubble", Things.Ball, Habitat.Ground, 0.26f, 0xE0702A) { Home = Place.Studio },
        new("bottle", "perfume wine flask cosmetics shampoo jar", Things.Bottle, Habitat.Table, 0.46f, 0x2F7A5A) { Home = Place.Studio,
            Aspect = 0.45f },
        new("shoe", "sneaker boot trainers schuh zapato chaussure", Things.Shoe, Habitat.Table, 0.3f, 0x2D6CDF) { Home = Place.Studio,
            Aspect = 2.2f },
        new("lantern", "laterne farol lanterne фонарь 灯笼", Things.Lantern, Habitat.Air, 0.16f, 0xE0502A) { Lit = true, Many = 9,
            Aspect = 0.8f, Shadow = false },
    ];

    private static readonly FrozenDictionary<string, SubjectSpec> ByKind = All.ToFrozenDictionary(spec => spec.Kind,
        StringComparer.Ordinal);

    /// <summary>Word to kind.</summary>
    public static readonly FrozenDictionary<string, string> Words = WordTable();

    public static SubjectSpec Find(string kind) => ByKind[kind];

    private static FrozenDictionary<string, string> WordTable()
    {
        var table = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var spec in All)
        {
            foreach (var word in spec.Words.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                table.TryAdd(word, spec.Kind);
            }
        }

        foreach (var spec in All)
        {
            table[spec.Kind] = spec.Kind;
        }

        foreach (var (plural, kind) in new[] { ("men", "man"), ("women", "woman"), ("wolves", "wolf"), ("mice", "rabbit"),
            ("geese", "duck") })
        {
            table[plural] = kind;
        }

        return table.ToFrozenDictionary(StringComparer.Ordinal);
    }
}
