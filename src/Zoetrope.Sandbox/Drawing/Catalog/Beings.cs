using Zoetrope.Sandbox.Drawing.Subjects;
using Zoetrope.Sandbox.Scenes;

namespace Zoetrope.Sandbox.Drawing.Catalog;

/// <summary>Animals, people and what one has never met. A new one is one line.</summary>
internal static class Beings
{
    public static readonly SubjectSpec[] All =
    [
        new("cat", "kitten kitty gato chat katze кот кошка 猫 tabby feline", Pets.Cat, Habitat.Ground, 0.36f, 0xD98A45) { Grip = new(14,
            -34) },
        new("dog", "puppy perro chien hund собака 犬 狗 corgi retriever labrador husky", Pets.Dog, Habitat.Ground, 0.36f,
            0xC08A52) { Grip = new(72, -66), Aspect = 1.4f },
        new("rabbit", "bunny hare conejo lapin hase", Pets.Rabbit, Habitat.Ground, 0.3f, 0xC9B49A) { Grip = new(30, -46) },
        new("duck", "duckling mallard ente pato canard", Pets.Duck, Habitat.Water, 0.18f, 0xF6F1E0) { Home = Place.Lake, Aspect = 1.3f },
        new("fox", "red-fox fuchs zorro renard лиса", Wildlife.Fox, Habitat.Ground, 0.36f, 0xE0702A) { Grip = new(84, -58),
            Home = Place.Forest, Aspect = 1.7f },
        new("wolf", "loup lobo волк coyote", Wildlife.Wolf, Habitat.Ground, 0.38f, 0x7E858F) { Grip = new(84, -58), Home = Place.Forest,
            Aspect = 1.6f },
        new("horse", "pony stallion mare pferd caballo cheval лошадь 马 馬", Wildlife.Horse, Habitat.Ground, 0.42f,
            0x8A5230) { Grip = new(84, -86), Aspect = 1.3f },
        new("zebra", "zèbre cebra зебра", Wildlife.Zebra, Habitat.Ground, 0.4f, 0xF4F1EA) { Aspect = 1.3f },
        new("camel", "dromedary kamel camello chameau верблюд", Wildlife.Camel, Habitat.Ground, 0.44f, 0xC99A5A) { Aspect = 1.4f,
            Home = Place.Desert },
        new("unicorn", "einhorn unicornio licorne", Wildlife.Unicorn, Habitat.Ground, 0.42f, 0xF3ECF5) { Aspect = 1.3f },
        new("elephant", "elefant elefante éléphant слон", Wildlife.Elephant, Habitat.Ground, 0.46f, 0x8C8F9A) { Grip = new(92, -12),
            Aspect = 1.4f },
        new("bear", "grizzly bär oso ours медведь teddy teddy-bear polar-bear", Wildlife.Bear, Habitat.Ground, 0.42f, 0x7A4E30) {
            Grip = new(22, -34), Home = Place.Forest },
        new("monkey", "ape chimpanzee chimp affe singe обезьяна 猴 猿", Wildlife.Monkey, Habitat.Ground, 0.36f,
            0x7A4E30) { Grip = new(24, -36), Home = Place.Jungle },
        new("panda", "панда 熊猫", Wildlife.Panda, Habitat.Ground, 0.42f, 0xF6F4EE) { Grip = new(22, -34), Home = Place.Jungle },
        new("lion", "lioness löwe león лев 獅子", Wildlife.Lion, Habitat.Ground, 0.4f, 0xD9A24E) { Grip = new(60, -52), Aspect = 1.4f },
        new("tiger", "tigre тигр 虎", Wildlife.Tiger, Habitat.Ground, 0.38f, 0xE58A2E) { Grip = new(64, -52), Home = Place.Jungle,
            Aspect = 1.5f },
        new("deer", "stag reindeer elk moose hirsch ciervo cerf fawn antelope", Wildlife.Deer, Habitat.Ground, 0.44f,
            0xA8703E) { Home = Place.Forest },
        new("cow", "bull cattle kuh vaca vache ox", Wildlife.Cow, Habitat.Ground, 0.36f, 0xF3EEE6) { Aspect = 1.5f },
        new("sheep", "lamb ewe schaf oveja mouton", Wildlife.Sheep, Habitat.Ground, 0.3f, 0xF6F2E8) { Aspect = 1.3f },
        new("bird", "sparrow robin hummingbird seagull gull crow raven dove pigeon swallow vogel pájaro oiseau птица 鳥 鸟", Birds.Bird,
            Habitat.Air, 0.17f, 0x3F7FC9) { Many = 7, Aspect = 1.3f, Travels = true },
        new("eagle", "hawk falcon adler águila aigle орёл condor", Birds.Eagle, Habitat.Air, 0.3f, 0x5A3A26) { Home = Place.Mountains,
            Aspect = 2.2f, Travels = true },
        new("owl", "eule búho hibou сова", Birds.Owl, Habitat.Ground, 0.38f, 0x8A6A48) { Grip = new(16, -20), Home = Place.Forest },
        new("penguin", "pinguin pingüino pingouin пингвин", Birds.Penguin, Habitat.Ground, 0.34f, 0x232A38) { Grip = new(30, -36),
            Home = Place.Arctic,
            Aspect = 0.7f },
        new("flamingo", "flamingoes", Birds.Flamingo, Habitat.Ground, 0.42f, 0xF28AA8) { Home = Place.Lake, Aspect = 0.8f },
        new("parrot", "macaw cockatoo loro perroquet", Birds.Parrot, Habitat.Ground, 0.4f, 0xD5332B) { Grip = new(16, -20),
            Home = Place.Jungle },
        new("butterfly", "moth schmetterling mariposa papillon бабочка 蝶", Birds.Butterfly, Habitat.Air, 0.24f, 0xF0882A) { Many = 5,
            Aspect = 1.2f, Home = Place.Meadow },
        new("bee", "bumblebee wasp biene abeja abeille honeybee", Birds.Bee, Habitat.Air, 0.16f, 0xF6C42E) { Many = 4,
            Home = Place.Meadow },
        new("fish", "goldfish koi salmon clownfish tuna fisch pez poisson рыба 鱼 魚", SeaLife.Fish, Habitat.Underwater, 0.2f,
            0xF28A2E) { Home = Place.Underwater, Many = 7, Aspect = 1.5f, Travels = true },
        new("whale", "orca wal ballena baleine кит 鲸", SeaLife.Whale, Habitat.Underwater, 0.3f, 0x3A5F8A) { Home = Place.Underwater,
            Aspect = 2.3f, Travels = true },
        new("shark", "hai tiburón requin акула", SeaLife.Shark, Habitat.Underwater, 0.3f, 0x6A7F94) { Home = Place.Underwater,
            Aspect = 2.1f, Travels = true },
        new("turtle", "tortoise schildkröte tortuga tortue черепаха", SeaLife.Turtle, Habitat.Underwater, 0.26f,
            0x5A8A4A) { Home = Place.Underwater, Aspect = 1.6f, Travels = true },
        new("octopus", "kraken pulpo krake осьминог", SeaLife.Octopus, Habitat.Underwater, 0.38f,
            0xC95A7A) { Home = Place.Underwater, Aspect = 1.3f },
        new("jellyfish", "medusa qualle méduse медуза", SeaLife.Jellyfish, Habitat.Underwater, 0.34f, 0xB57AE0) { Lit = true,
            Home = Place.Underwater, Many = 4 },
        new("dolphin", "delfin delfín dauphin дельфин porpoise", SeaLife.Dolphin, Habitat.Underwater, 0.26f,
            0x5A7F9E) { Home = Place.Underwater, Aspect = 2, Travels = true },
        new("crab", "krabbe cangrejo crabe", SeaLife.Crab, Habitat.Ground, 0.24f, 0xDB4A32) { Home = Place.Beach, Aspect = 1.4f },
        new("man", "person guy father grandfather farmer fisherman worker chef businessman scientist wizard hiker surfer skier traveler "
            + "traveller pirate king hombre homme mann человек мужчина 人 男 groom "
            + "musician detective monk cook businessman doctor teacher student firefighter fireman policeman officer athlete runner "
            + "player cowboy "
            + "superhero artist painter gardener waiter barista boxer tourist explorer hunter priest actor conductor engineer mechanic "
            + "carpenter blacksmith sailor captain pilot driver elf soldier viking warrior ninja baker butcher dj magician clown shepherd "
            + "swimmer mayor judge lawyer swordsman cyclist bicyclist motorcyclist biker horseman jockey equestrian angler skateboarder "
            + "skater "
            + "guitarist violinist fiddler pianist drummer trumpeter flutist flautist singer photographer gentleman grandpa dad uncle "
            + "husband adult human", People.Man, Habitat.Ground, 0.46f, 0x3F6FB0) { Hands = true, Aspect = 0.5f },
        new("woman", "lady girl mother grandmother princess queen bride witch fairy nurse waitress actress cowgirl policewoman "
            + "businesswoman "
            + "horsewoman grandma granny mom mum aunt wife daughter sister fashion-model mujer chica frau mädchen femme fille женщина "
            + "девушка девочка 女 女孩", People.Woman, Habitat.Ground, 0.45f, 0xC9457A) { Hands = true, Aspect = 0.55f },
        new("boy", "child kid children kids toddler son baby infant brother grandson schoolboy niño junge garçon мальчик", People.Boy,
            Habitat.Ground, 0.34f,
            0xE0A12E) { Hands = true, Aspect = 0.5f },
        new("dancer", "ballerina ballet bailarina tänzerin danseuse", People.Dancer, Habitat.Ground, 0.46f, 0xE88AB0) { Hands = true,
            Aspect = 0.8f,
            Motion = Motion.Dance },
        new("samurai", "самурай 侍", People.Samurai, Habitat.Ground, 0.46f, 0x8A2A2E) { Hands = true, Aspect = 0.8f },
        new("knight", "paladin ritter caballero chevalier рыцарь", People.Knight, Habitat.Ground, 0.46f,
            0x2D6CDF) { Hands = true, Aspect = 0.8f },
        new("astronaut", "cosmonaut spaceman astronauta astronaute космонавт 宇航员", People.Astronaut, Habitat.Ground, 0.44f,
            0xF2F3F6) { Hands = true, Home = Place.Planet, Aspect = 0.8f },
        new("dragon", "wyvern drache dragón дракон 龙 龍 竜", Fantasy.Dragon, Habitat.Air, 0.34f, 0x3E9A4C) { Home = Place.Mountains,
            Aspect = 2.4f },
        new("dinosaur", "dino t-rex trex tyrannosaurus dinosaurier динозавр godzilla velociraptor", Fantasy.Dinosaur, Habitat.Ground, 0.5f,
            0x6A9A4A) { Home = Place.Jungle, Aspect = 1.8f },
        new("robot", "android cyborg mech droid роботы робот roboter 机器人", Fantasy.Robot, Habitat.Ground, 0.46f,
            0x7FA3C4) { Hands = true, Home = Place.City, Aspect = 0.8f },
        new("ghost", "spirit phantom geist fantasma fantôme", Fantasy.Ghost, Habitat.Ground, 0.4f, 0xF4F6FF) { Lit = true,
            Home = Place.Forest, Shadow = false },
        new("mermaid", "siren sirena sirène meerjungfrau", Fantasy.Mermaid, Habitat.Underwater, 0.44f,
            0xB06AD0) { Grip = new(30, -80), Home = Place.Underwater },
    ];
}
