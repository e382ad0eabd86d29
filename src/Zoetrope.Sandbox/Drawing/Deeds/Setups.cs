using System.Collections.Frozen;
using SkiaSharp;
using Zoetrope.Sandbox.Drawing.Subjects;
using Zoetrope.Sandbox.Scenes;

namespace Zoetrope.Sandbox.Drawing.Deeds;

/// <summary>Which acts suit which things, and how actor and thing stand together then. A new pair is one line.</summary>
internal static class Setups
{
    private const string Small = "apple banana cake coffee bottle book candle crystal heart shoe ball lamp mushroom burger bowl noodles "
        + "pizza glass vase crab camera trumpet flute laptop phone";

    private const string Bloom = "flower rose tulip sunflower";
    private const string Living = "cat rabbit bird duck owl parrot fish turtle boy panda bear dog butterfly penguin fox";
    private static readonly Setup Palm = new() { At = P(33, -53), Near = P(31, -53), Follows = true, Right = 48 };
    private static readonly Setup Mouth = new() { At = P(17, -75), Near = P(17, -74), Scale = 0.16f, Stroke = P(3, -4), Follows = true };
    private static readonly Setup Seat = new() { FullSize = true, Foot = P(22, 27), FarFoot = P(17, 28), Top = 100, Left = 60, Right = 60 };

    private static readonly Setup Mount = new() { FullSize = true, Foot = P(13, 33), Near = P(28, -54), Far = P(25, -57), Scale = 1.15f,
        Pace = Motion.Walk, Back = static pose => Quadruped.Bob(pose), Left = 75, Right = 95, Top = 165 };

    private static readonly Setup Board = new() { FullSize = true, Near = P(32, -64), Far = P(-32, -62), Left = 55, Right = 55, Top = 118 };

    private static readonly Setup Hull = new() { FullSize = true, Inside = true, Foot = P(24, 10), Left = 110, Right = 110, Top = 110 };

    private static readonly Setup Upright = new() { At = P(31, -56), Near = P(31, -56), Right = 50 };

    private static readonly Setup Desk = new() { NeedsHands = true, OnTable = true, Base = Furniture.Desk, At = P(48, -45), Near = P(34,
            -52),
        Far = P(30, -52), Right = 78, Stroke = P(2, -3), Beat = 0.8f };

    private static readonly Setup Lead = new() { FullSize = true, At = P(82, 0), Scale = 0.56f, Near = P(27, -50), Tether = P(36, -52),
        Most = 3, Next = P(70, 2), Pace = Motion.Walk, Right = 122, NeedsHands = true };

    private static readonly Setup Ball = new() { At = P(40, 0), Scale = 0.22f, Right = 56, Drift = P(3, 0) };

    public static readonly FrozenDictionary<(Act Act, string Thing), Setup> All = Table(
        // Mounts.
        ([Act.Ride], "horse unicorn zebra camel", Mount with { Rider = P(-2, -80) }),
        ([Act.Ride], "elephant", Mount with { Rider = P(-6, -91), Scale = 1.45f, Left = 80, Right = 125, Top = 195 }),
        ([Act.Ride], "cow lion tiger", Mount with { Rider = P(-4, -68), Scale = 1.25f }),
        ([Act.Ride], "deer", Mount with { Rider = P(-6, -68), Scale = 1.3f }),
        ([Act.Ride], "wolf fox dog cat sheep", Mount with { Rider = P(-6, -66), Scale = 1.2f }),
        ([Act.Ride], "dinosaur", Mount with { Rider = P(-14, -66), Scale = 2, Back = null, Left = 220, Right = 200, Top = 225 }),
        ([Act.Ride], "dragon", Mount with { Rider = P(2, -66), Scale = 1.6f, Pace = Motion.Natural, Left = 200, Right = 200, Top = 215,
            Back = static pose => pose.Swing(0.55f) * 4 }),
        ([Act.Ride], "whale shark dolphin turtle", Mount with { Rider = P(8, -84), Scale = 1.3f, Pace = Motion.Natural, Back = null,
            Left = 150, Right = 150, Top = 180 }),
        ([Act.Ride], "rocket", Mount with { Rider = P(-6, -84), Scale = 1.6f, Pace = Motion.Natural, Back = null, Left = 95, Right = 110,
            Top = 230 }),
        ([Act.Ride], "broom", Mount with { Rider = P(-6, -50), Scale = 1, Foot = P(8, 34), FarFoot = P(4, 36), Pace = Motion.Fly,
            Back = null, Left = 90, Right = 80, Top = 115 }),
        // Wheels.
        ([Act.Ride], "bicycle", Mount with { Rider = P(-22, -94), Scale = 0.85f, Near = P(44, -46), Far = P(42, -48), Foot = P(20, 42),
            FarFoot = P(16, 36), Back = null, Pace = Motion.Natural, Right = 75, Top = 150 }),
        ([Act.Ride], "motorbike", Mount with { Rider = P(-20, -60), Scale = 0.9f, Near = P(46, -56), Far = P(44, -58), Foot = P(18, 32),
            Back = null, Pace = Motion.Natural, Left = 92, Right = 92, Top = 125 }),
        ([Act.Ride], "tractor", Mount with { Rider = P(-26, -78), Scale = 1, Near = P(34, -50), Foot = P(22, 22), Back = null,
            Pace = Motion.Natural, Left = 90, Right = 105, Top = 145 }),
        ([Act.Ride], "car", Hull with { Rider = P(12, -13), Window = "M-60,-58 C-46,-82 -36,-86 -10,-86 L-10,-58 Z M-2,-58 L-2,-86 "
            + "C28,-86 40,-74 54,-58 Z", Inside = false,
            Scale = 0.78f, Left = 90, Right = 90, Near = P(34, -58) }),
        ([Act.Ride], "airplane", Hull with { Rider = P(70, -58), Scale = 1.5f, Near = P(20, -60), Left = 175, Right = 185, Top = 165 }),
        ([Act.Ride], "balloon", Hull with { Rider = P(0, -8), Scale = 3, Foot = null, Near = P(18, -60), Left = 160, Right = 160,
            Top = 400 }),
        // Boats and boards.
        ([Act.Ride], "rowboat", Hull with { Rider = P(-8, -16), Scale = 0.75f, Near = P(30, -52), Far = P(26, -54), Stroke = P(8, 3),
            Tool = Rides.Oar, Beat = 0.35f, Left = 90, Right = 95 }),
        ([Act.Ride], "boat", Hull with { Rider = P(-36, -16), Scale = 1.5f, Inside = false,
            Window = "M-200,-300 L200,-300 L200,-20 L-200,-20 Z", Left = 110, Right = 115, Top = 168 }),
        ([Act.Ride], "ship", Hull with { Rider = P(80, -20), Scale = 2.2f, Foot = null, Inside = false,
            Window = "M-200,-300 L200,-300 L200,-42 L-200,-38 Z", Left = 240, Right = 250, Top = 235 }),
        ([Act.Ride], "skateboard", Board with { Rider = P(0, -20), Scale = 0.55f }),
        ([Act.Ride], "surfboard", Board with { Rider = P(0, -12), Scale = 0.75f, Left = 85, Right = 85 }),
        ([Act.Ride], "skis", Board with { Rider = P(0, -8), Scale = 0.8f, Near = P(30, -52), Far = P(22, -54), Tool = Rides.Pole,
            BothTools = true, Left = 70, Right = 75 }),
        // Seats.
        ([Act.Ride], "bench", Seat with { Rider = P(-16, -43), Scale = 0.64f }),
        ([Act.Ride], "chair", Seat with { Rider = P(-2, -40), Scale = 0.72f, Left = 34, Right = 40 }),
        ([Act.Ride], "throne", Seat with { Rider = P(-2, -30), Scale = 0.95f, Near = P(24, -50), Far = P(-22, -52), Left = 45, Right = 45,
            Top = 115 }),
        ([Act.Ride], "sofa", Seat with { Rider = P(-24, -42), Scale = 0.66f, Left = 75, Right = 75 }),
        // Music.
        ([Act.Play, Act.Hold, Act.With], "guitar", new() { At = P(2, -50), Anchor = P(0, -34), Degrees = 66, Scale = 0.4f, Near = P(6, -50),
            Far = P(35, -66), Stroke = P(-3, 7), Beat = 1.2f, Right = 52 }),
        ([Act.Play, Act.Hold, Act.With], "violin", new() { At = P(3, -77), Degrees = 80, Scale = 0.44f, Near = P(27, -58), Far = P(36, -81),
            Stroke = P(5, 9), Beat = 0.6f, Tool = Instruments.Bow, Right = 50 }),
        ([Act.Play, Act.Use], "piano", new() { At = P(116, -14), Scale = 0.95f, Near = P(38, -64), Far = P(32, -64), Stroke = P(3, -4),
            Beat = 1.1f, Base = Furniture.Stool, Lower = 14, Foot = P(20, 27), FarFoot = P(16, 28), Right = 215, Top = 118 }),
        ([Act.Play, Act.Use], "drums", new() { At = P(28, -12), Scale = 0.6f, Near = P(32, -66), Far = P(16, -64), Stroke = P(2, 9),
            Beat = 1.6f, Tool = Instruments.Stick, BothTools = true, Base = Furniture.Stool, Lower = 12, Foot = P(20, 27),
            FarFoot = P(16, 28), Left = 36, Right = 85 }),
        ([Act.Play, Act.Hold, Act.With], "trumpet", new() { At = P(8, -82), Anchor = P(-50, -50), Scale = 0.44f, Near = P(25, -78),
            Far = P(29, -78), Right = 60 }),
        ([Act.Play, Act.Hold, Act.With], "flute", new() { At = P(6, -82), Anchor = P(-46, -50), Degrees = 6, Scale = 0.44f,
            Near = P(24, -78), Far = P(34, -78), Right = 56 }),
        // What one throws and kicks.
        ([Act.Play], "ball", Ball),
        ([Act.Throw, Act.Hold, Act.With], "ball", new() { At = P(38, -92), Scale = 0.2f, Near = P(34, -92), Drift = P(4, -2), Right = 52,
            Top = 115 }),
        ([Act.Throw, Act.Play, Act.Hold, Act.With], "frisbee", new() { At = P(46, -82), Scale = 0.22f, Near = P(34, -82), Drift = P(5, -3),
            Right = 62 }),
        // In the air.
        ([Act.Fly, Act.Play, Act.Hold, Act.With], "kite", new() { At = P(80, -150), Anchor = P(0, -50), Scale = 0.62f, Near = P(33, -82),
            Far = P(24, -70), Tether = P(0, -50), Drift = P(9, 7), Beat = 0.22f, Right = 120, Top = 192 }),
        ([Act.Fly, Act.Use, Act.With], "drone", new() { At = P(76, -150), Anchor = P(0, -50), Scale = 0.34f, Near = P(22, -56),
            Far = P(14, -58), Tool = Gear.Remote, Drift = P(7, 4), Beat = 0.25f, Right = 105, Top = 175, NeedsHands = true }),
        ([Act.Fly, Act.Use], "airplane", Hull with { Rider = P(70, -58), Scale = 1.5f, Near = P(20, -60), Left = 175, Right = 185,
            Top = 165 }),
        ([Act.Hold, Act.With, Act.Play], "party-balloon", new() { At = P(31, -58), Near = P(31, -58), Scale = 0.95f, Fan = 20, Most = 5,
            Stroke = P(0, 1), Follows = true, Right = 62, Top = 165 }),
        // Hands.
        ([Act.Hold, Act.With, Act.Under], "umbrella", new() { At = P(20, -78), Anchor = P(6, -12), Near = P(20, -76), Scale = 0.8f,
            Left = 44, Right = 66, Top = 168, Pole = true }),
        ([Act.Hold, Act.With], Small, Palm),
        ([Act.Hold, Act.With], Bloom, Upright with { Scale = 0.42f, At = P(30, -48), Fan = 24, Most = 5, Top = 110 }),
        ([Act.Hold], Living, new() { At = P(20, -46), Near = P(29, -50), Far = P(8, -48), Scale = 0.4f, Right = 48 }),
        ([Act.Hold, Act.With], "sword", Upright with { Anchor = P(0, -14), Degrees = 24, Scale = 0.6f, Right = 62, Top = 115 }),
        ([Act.Hold, Act.With, Act.Use], "staff", Upright with { Anchor = P(0, -50), Scale = 1.15f }),
        ([Act.Hold, Act.With], "flag", Upright with { Anchor = P(0, -20), Scale = 0.9f, Right = 90, Top = 140 }),
        ([Act.Hold, Act.Use, Act.With], "broom", Upright with { At = P(32, -54), Anchor = P(0, -56), Far = P(28, -62), Scale = 1,
            Degrees = -12, Stroke = P(4, 0), Follows = true, Right = 70 }),
        ([Act.Hold, Act.With], "rod", Upright with { Near = P(29, -56), At = P(29, -56), Far = P(22, -54), Scale = 1, Right = 98 }),
        ([Act.Hold, Act.With], "lantern", Upright with { Anchor = P(0, -90), Scale = 0.34f }),
        ([Act.Hold, Act.With, Act.Use], "microphone", new() { At = P(17, -72), Near = P(17, -72), Anchor = P(0, -40), Degrees = -35,
            Scale = 0.2f, NeedsHands = true }),
        ([Act.Hold, Act.Push], "box", new() { At = P(27, -46), Near = P(36, -47), Far = P(16, -47), Scale = 0.36f, Right = 50 }),
        ([Act.Hold, Act.With], "suitcase", Upright with { At = P(24, -43), Near = P(24, -43), Anchor = P(0, -92), Scale = 0.4f }),
        ([Act.Hold, Act.Use], "watering-can", Upright with { At = P(33, -50), Near = P(33, -50), Anchor = P(-8, -80), Scale = 0.32f,
            Degrees = 14, Right = 70 }),
        ([Act.Hold, Act.Use, Act.With], "phone", new() { At = P(25, -68), Near = P(25, -64), Anchor = P(0, -30), Scale = 0.14f,
            Degrees = 8, NeedsHands = true }),
        ([Act.Hold, Act.With], "camera", new() { At = P(12, -81), Near = P(20, -84), Far = P(6, -82), Scale = 0.22f,
            NeedsHands = true }),
        // Meals.
        ([Act.Eat], Small + " ice-cream fish", Mouth),
        ([Act.Eat, Act.Hold, Act.With], "ice-cream", Palm with { At = P(19, -68), Near = P(19, -66), Scale = 0.26f, Right = 30 }),
        ([Act.Eat, Act.Hold], "noodles bowl", Palm with { At = P(24, -56), Near = P(30, -55), Far = P(15, -55), Scale = 0.26f }),
        ([Act.Eat], "pizza", Mouth with { At = P(28, -62), Near = P(27, -58), Scale = 0.18f, Right = 46 }),
        ([Act.Drink], "coffee bottle glass", Mouth with { At = P(19, -84), Near = P(22, -80), Scale = 0.17f }),
        // Reading.
        ([Act.Read, Act.Hold, Act.With], "book", new() { At = P(24, -53), Anchor = P(0, -8), Near = P(36, -57), Far = P(13, -57),
            Scale = 0.26f, Right = 44 }),
        ([Act.Read, Act.Hold, Act.With], "newspaper", new() { At = P(26, -56), Anchor = P(0, -30), Near = P(38, -58), Far = P(14, -58),
            Scale = 0.36f, Right = 48 }),
        ([Act.Read, Act.Use], "laptop", Desk with { Scale = 0.36f }),
        // On the ground before one.
        ([Act.Lead, Act.With], "dog", Lead),
        ([Act.Lead], "cat sheep fox wolf", Lead),
        ([Act.Lead], "horse cow camel zebra elephant unicorn", Lead with { At = P(96, 0), Scale = 0.95f, Tether = P(58, -88), Most = 1,
            Right = 158, Top = 120 }),
        ([Act.Push, Act.Use], "cart", new() { FullSize = true, At = P(72, 0), Scale = 0.62f, Near = P(34, -50), Far = P(31, -52),
            Pace = Motion.Walk, Right = 118 }),
        ([Act.Push, Act.Lead], "bicycle", new() { FullSize = true, At = P(62, 0), Scale = 0.74f, Near = P(38, -60), Far = P(34, -62),
            Pace = Motion.Walk, Right = 118 }),
        ([Act.Use, Act.Hold], "pot", Desk with { At = P(46, -45), Scale = 0.34f, Tool = Furniture.Spoon, Near = P(34, -66) }),
        ([Act.Use], "easel", new() { NeedsHands = true, At = P(58, 0), Scale = 1.05f, Near = P(36, -68), Stroke = P(3, 7),
            Tool = Furniture.Brush, Right = 92, Top = 120 }),
        ([Act.Use], "telescope", new() { NeedsHands = true, At = P(54, 0), Scale = 1, Near = P(30, -78), Right = 105, Top = 130 }));

    /// <summary>What a word means in these hands: nobody holds a hot-air balloon, and who rows has no sail.</summary>
    public static readonly FrozenDictionary<(Act, string), string> Stand = new Dictionary<(Act, string), string>
    {
        [(Act.Hold, "balloon")] = "party-balloon",
        [(Act.With, "balloon")] = "party-balloon",
        [(Act.Play, "balloon")] = "party-balloon",
    }.ToFrozenDictionary();

    public static Setup? Find(Deed deed) => All.GetValueOrDefault((deed.Act, deed.Thing));

    private static SKPoint P(float x, float y) => new(x, y);

    // The last line for a pair is the most precise one.
    private static FrozenDictionary<(Act Act, string Thing), Setup> Table(params ReadOnlySpan<(Act[] Acts, string Kinds,
            Setup Setup)> lines)
    {
        var table = new Dictionary<(Act Act, string Thing), Setup>();
        foreach (var (acts, kinds, setup) in lines)
        {
            foreach (var kind in kinds.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                foreach (var act in acts)
                {
                    table[(act, kind)] = setup;
                }
            }
        }

        return table.ToFrozenDictionary();
    }
}
