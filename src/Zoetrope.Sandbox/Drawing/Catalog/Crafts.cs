using Zoetrope.Sandbox.Drawing.Subjects;
using Zoetrope.Sandbox.Scenes;

namespace Zoetrope.Sandbox.Drawing.Catalog;

/// <summary>What carries people. A new one is one line.</summary>
internal static class Crafts
{
    public static readonly SubjectSpec[] All =
    [
        new("car", "automobile taxi cab jeep sedan limousine lamborghini ferrari porsche convertible auto coche voiture машина "
            + "автомобиль 车 車 "
            + "sportscar supercar", Vehicles.Car, Habitat.Ground, 0.2f, 0xD5332B) { Home = Place.Street, Aspect = 2.3f },
        new("bus", "minibus school-bus", Vehicles.Bus, Habitat.Ground, 0.25f, 0xE0A12E) { Home = Place.Street, Aspect = 2.2f },
        new("train", "locomotive railway steam-train zug tren поезд 列车", Vehicles.Train, Habitat.Ground, 0.2f,
            0x8A2A2E) { Home = Place.Mountains, Aspect = 4 },
        new("bicycle", "bike fahrrad bicicleta vélo велосипед 自行车", Rides.Bicycle, Habitat.Ground,
            0.32f, 0xD5332B) { Home = Place.Street, Aspect = 1.5f },
        new("motorbike", "motorcycle motorrad moto мотоцикл scooter moped", Rides.Motorbike, Habitat.Ground, 0.3f,
            0xD5332B) { Home = Place.Street, Aspect = 1.8f },
        new("tractor", "traktor трактор", Rides.Tractor, Habitat.Ground, 0.36f, 0xD5432B) { Home = Place.Meadow, Aspect = 1.6f },
        new("rowboat", "canoe kayak dinghy row-boat rowing-boat ruderboot gondola", Rides.Rowboat, Habitat.Water, 0.2f,
            0x8A5232) { Home = Place.Lake, Aspect = 2.1f },
        new("skateboard", "longboard skateboards", Rides.Skateboard, Habitat.Ground, 0.16f, 0xE0702A) { Home = Place.Street,
            Aspect = 1.9f },
        new("surfboard", "surfbrett tabla-de-surf", Rides.Surfboard, Habitat.Water, 0.3f, 0xF4C52E) { Home = Place.Sea, Aspect = 2.4f },
        new("skis", "schier", Rides.Skis, Habitat.Ground, 0.3f, 0xD5332B) { Home = Place.Mountains, Aspect = 1.8f },
        new("boat", "sailboat yacht sail barco boot bateau лодка парусник 船 sailing-boat", Vehicles.Sailboat, Habitat.Water,
            0.36f, 0xD5433A) { Home = Place.Sea, Aspect = 1.2f },
        new("ship", "ferry cruise pirate-ship vessel tanker schiff navire корабль cruise-ship", Vehicles.Ship, Habitat.Water, 0.26f,
            0x24406A) { Home = Place.Sea, Aspect = 2.1f },
        new("airplane", "plane jet aircraft airliner flugzeug avión avion самолёт 飞机", Vehicles.Airplane, Habitat.Air,
            0.24f, 0x2D6CDF) { Home = Place.Sky, Aspect = 2.1f, Travels = true },
        new("balloon", "hot-air hot-air-balloon globo montgolfière", Vehicles.Balloon, Habitat.Air, 0.3f,
            0xD5332B) { Home = Place.Meadow, Many = 5, Aspect = 0.9f },
        new("rocket", "spaceship spacecraft shuttle starship rakete cohete fusée ракета 火箭", Vehicles.Rocket, Habitat.Air, 0.44f,
            0xD5332B) { Home = Place.Space, Aspect = 0.8f },
        new("ufo", "saucer ufos flying-saucer", Vehicles.Ufo, Habitat.Air, 0.24f, 0x8A97A8) { Home = Place.Meadow, Aspect = 1.7f },
    ];
}
