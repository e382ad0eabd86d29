using SkiaSharp;
using Zoetrope.Sandbox.Scenes;

namespace Zoetrope.Sandbox.Drawing;

/// <summary>How one subject stands at one moment.</summary>
/// <param name="T">Seconds, shifted per subject so that a flock is not in lockstep.</param>
/// <param name="Color">Its main colour.</param>
/// <param name="Motion">What it does.</param>
/// <param name="Dice">Its own randomness.</param>
/// <param name="Dark">Whether lamps and windows are lit.</param>
internal readonly record struct Pose(float T, SKColor Color, Motion Motion, Dice Dice, bool Dark)
{
    /// <summary>Where hands and feet are, if what it does says so.</summary>
    public Gesture? Gesture { get; init; }

    public bool Moves => Motion is Motion.Walk or Motion.Run or Motion.Dance or Motion.Jump;

    public bool Sleeps => Motion == Motion.Sleep;

    /// <summary>Swings between -1 and 1, faster when running.</summary>
    public float Swing(float perSecond, float phase = 0) =>
        MathF.Sin(((T * perSecond * (Motion == Motion.Run ? 1.8f : 1)) + phase) * MathF.Tau);

    /// <summary>Angle of a leg in degrees; legs with phases half a turn apart walk.</summary>
    public float Step(float phase) => Moves ? Swing(1.3f, phase) * (Motion == Motion.Run ? 34 : 20) : 0;

    /// <summary>1 with open eyes, near 0 for a moment now and then.</summary>
    public float Eye => Sleeps ? 0.08f : T % 3.7f > 3.55f ? 0.1f : 1;
}

/// <summary>Draws one subject: feet at (0, 0), about 100 units high, facing right; y grows downwards.</summary>
internal delegate void SubjectPainter(Ink ink, in Pose pose);

/// <summary>Hands and feet of one who does something, in the painter's units; those that are null do as they please.</summary>
/// <param name="Near">The hand towards us.</param>
/// <param name="Far">The hand away from us.</param>
/// <param name="Foot">The foot towards us, from the hip; who has one sits.</param>
/// <param name="FarFoot">The other foot.</param>
/// <param name="Front">Draws what is held, between the body and the near hand.</param>
internal sealed record Gesture(SKPoint? Near, SKPoint? Far, SKPoint? Foot, SKPoint? FarFoot, Action<Ink>? Front);

internal enum Nature
{
    Being,
    Craft,
    Thing,
}

internal enum Habitat
{
    Ground,
    Air,
    Water,
    Underwater,
    Backdrop,
    Table,
}

/// <summary>A kind of subject.</summary>
internal sealed record SubjectSpec(string Kind, string Words, SubjectPainter Paint, Habitat Habitat, float Size, uint Color)
{
    /// <summary>Its place where the prompt names none.</summary>
    public Place? Home { get; init; }

    /// <summary>How many a plural without a number means.</summary>
    public int Many { get; init; } = 3;

    /// <summary>How many a singular means (one word for a herd).</summary>
    public int One { get; init; } = 1;

    /// <summary>Widest extent as a multiple of its height, for spacing and shadow.</summary>
    public float Aspect { get; init; } = 1;

    /// <summary>Covers the ground when there are many.</summary>
    public bool Grows { get; init; }

    /// <summary>Height of its highest point as a multiple of its nominal height.</summary>
    public float Tall { get; init; } = 1.25f;

    /// <summary>Crosses the frame by itself in a video.</summary>
    public bool Travels { get; init; }

    /// <summary>Motion when the prompt names none.</summary>
    public Motion Motion { get; init; } = Motion.Natural;

    public bool Shadow { get; init; } = true;

    /// <summary>Whether it acts by itself, is driven, or neither.</summary>
    public Nature Nature { get; init; } = Nature.Being;

    /// <summary>Has two hands and two feet, which follow a <see cref="Gesture"/>.</summary>
    public bool Hands { get; init; }

    /// <summary>Where one without hands holds a thing: its mouth or its paws.</summary>
    public SKPoint Grip { get; init; } = new(46, -40);

    /// <summary>Shines by itself: the light of the scene does not darken it.</summary>
    public bool Lit { get; init; }
}
