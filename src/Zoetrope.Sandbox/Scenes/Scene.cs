using SkiaSharp;

namespace Zoetrope.Sandbox.Scenes;

/// <summary>What a prompt asks for, in terms the painters know. Equal (model, prompt, seed) give an equal scene.</summary>
internal sealed record Scene
{
    public required uint Seed { get; init; }

    public Place Place { get; init; }

    public Daytime Time { get; init; }

    public Weather Weather { get; init; }

    public IReadOnlyList<Cast> Casts { get; init; } = [];

    public Style Style { get; init; }

    public CameraMove Camera { get; init; }

    /// <summary>Speed of everything that moves: timelapse is fast, slow motion is slow.</summary>
    public float Tempo { get; init; } = 1;

    /// <summary>Quoted text of the prompt, drawn on a sign.</summary>
    public string? Sign { get; init; }

    /// <summary>Words that no painter knows; lettered, so that even they are seen to matter.</summary>
    public IReadOnlyList<string> Caption { get; init; } = [];

    /// <summary>Colours named without a noun to bind to.</summary>
    public IReadOnlyList<SKColor> Palette { get; init; } = [];

    /// <summary>Colour of the sky where the prompt names one ("a purple sky").</summary>
    public SKColor? SkyTint { get; init; }
}

/// <summary>One kind of thing in the scene: "three red foxes running".</summary>
internal sealed record Cast(string Kind, int Count, SKColor? Color, Motion Motion)
{
    /// <summary>Who else is of the company: a couple is a man and a woman in turn.</summary>
    public IReadOnlyList<string> Others { get; init; } = [];

    /// <summary>What it rides, drives or sits on.</summary>
    public Deed? On { get; init; }

    /// <summary>What it has in its hands or works at.</summary>
    public Deed? With { get; init; }
}

/// <summary>A verb and its object, drawn together with the one who does it: "flying a red kite".</summary>
/// <param name="Act">What is done.</param>
/// <param name="Thing">The kind of the object.</param>
/// <param name="Count">How many objects.</param>
/// <param name="Each">A plural without a number: each of several has one of its own.</param>
/// <param name="Color">Of the object.</param>
internal sealed record Deed(Act Act, string Thing, int Count, bool Each, SKColor? Color);

/// <summary>What one can do with a thing; which acts suit which things is in <see cref="Drawing.Deeds.Setups"/>.</summary>
internal enum Act
{
    Ride,
    Play,
    Hold,
    With,
    Under,
    Eat,
    Drink,
    Read,
    Lead,
    Throw,
    Push,
    Fly,
    Use,
}

internal enum Place
{
    Abstract,
    Sea,
    Beach,
    Lake,
    River,
    Waterfall,
    Mountains,
    Meadow,
    Garden,
    Desert,
    Forest,
    Jungle,
    City,
    Street,
    Village,
    Arctic,
    Space,
    Planet,
    Orbit,
    Underwater,
    Room,
    Kitchen,
    Studio,
    Sky,
    Volcano,
}

internal enum Daytime
{
    Day,
    Sunrise,
    Sunset,
    Dusk,
    Night,
}

[Flags]
internal enum Weather
{
    None = 0,
    Clouds = 1,
    Rain = 2,
    Snow = 4,
    Storm = 8,
    Fog = 16,
    Wind = 32,
    Aurora = 64,
    Rainbow = 128,
    Stars = 256,
    Moon = 512,
    Petals = 1024,
    Leaves = 2048,
    Fireflies = 4096,
}

internal enum Motion
{
    Natural,
    Still,
    Walk,
    Run,
    Fly,
    Swim,
    Dance,
    Sleep,
    Float,
    Jump,
    Play,
    Sit,
}

internal enum Style
{
    Plain,
    Watercolor,
    Oil,
    Pixel,
    Sketch,
    Mono,
    Neon,
    Cartoon,
    Vintage,
    Minimal,
    LowPoly,
    Clay,
}

internal enum CameraMove
{
    Natural,
    Static,
    PanLeft,
    PanRight,
    TiltUp,
    TiltDown,
    ZoomIn,
    ZoomOut,
    Orbit,
    Tracking,
}
