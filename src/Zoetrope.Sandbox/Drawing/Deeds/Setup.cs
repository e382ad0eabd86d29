using SkiaSharp;
using Zoetrope.Sandbox.Scenes;

namespace Zoetrope.Sandbox.Drawing.Deeds;

/// <summary>
/// How one who does something and the thing stand together, in the actor's units: feet at (0, 0), 100 high, facing right.
/// With a <see cref="Rider"/> the actor is on or in the thing; otherwise the thing is in the hands or before the actor.
/// </summary>
internal sealed record Setup
{
    /// <summary>Where the thing's <see cref="Anchor"/> goes.</summary>
    public SKPoint At { get; init; }

    /// <summary>The point of the thing, in its own units, that is held.</summary>
    public SKPoint Anchor { get; init; }

    /// <summary>Height of the thing as a share of the actor's.</summary>
    public float Scale { get; init; } = 0.22f;

    public float Degrees { get; init; }

    /// <summary>A horse does not shrink with its rider.</summary>
    public bool FullSize { get; init; }

    public SKPoint? Near { get; init; }

    public SKPoint? Far { get; init; }

    /// <summary>Feet from the hip; who has them sits.</summary>
    public SKPoint? Foot { get; init; }

    public SKPoint? FarFoot { get; init; }

    /// <summary>How far the near hand moves while it works, and how often in a second.</summary>
    public SKPoint Stroke { get; init; }

    public float Beat { get; init; } = 0.5f;

    /// <summary>The thing moves with the near hand.</summary>
    public bool Follows { get; init; }

    /// <summary>How far the thing moves by itself.</summary>
    public SKPoint Drift { get; init; }

    /// <summary>The point of the thing that a line runs to from the near hand.</summary>
    public SKPoint? Tether { get; init; }

    /// <summary>Held up on a pole that reaches down to a paw.</summary>
    public bool Pole { get; init; }

    /// <summary>What else the hand holds: a bow, sticks, a brush.</summary>
    public SubjectPainter? Tool { get; init; }

    public bool BothTools { get; init; }

    /// <summary>Furniture that comes with it.</summary>
    public SubjectPainter? Base { get; init; }

    /// <summary>Stands on the base: a table where there is no counter.</summary>
    public bool OnTable { get; init; }

    /// <summary>How far the actor is lowered, to sit on what the base or the thing offers.</summary>
    public float Lower { get; init; }

    /// <summary>Where on the thing, in its units, a rider sits or stands.</summary>
    public SKPoint? Rider { get; init; }

    /// <summary>The thing hides the lower part of who is in it.</summary>
    public bool Inside { get; init; }

    /// <summary>Where on the thing a driver shows, as path data in its units.</summary>
    public string? Window { get; init; }

    /// <summary>How the mount moves while it is ridden.</summary>
    public Motion Pace { get; init; }

    /// <summary>How far the mount's back moves up and down.</summary>
    public Func<Pose, float>? Back { get; init; }

    /// <summary>How many at most are shown in one hand, how they spread, and where the next one walks.</summary>
    public int Most { get; init; } = 1;

    public float Fan { get; init; }

    public SKPoint Next { get; init; }

    /// <summary>What the two need to the left, to the right and above, where it is more than the actor needs.</summary>
    public float Left { get; init; } = 26;

    public float Right { get; init; } = 26;

    public float Top { get; init; } = 105;

    /// <summary>Only for who has hands.</summary>
    public bool NeedsHands { get; init; }

    /// <summary>It stands on the ground or is ridden: where it is at home, the actor is.</summary>
    public bool Stands => Rider is not null || Base is not null;

    /// <summary>Whether this actor can do it with that thing: nobody rides a dog who is a dog.</summary>
    public bool Suits(SubjectSpec actor, SubjectSpec thing) => (actor.Hands || !NeedsHands)
        && (Rider is null || (thing.Kind != actor.Kind && (actor.Hands || (actor.Habitat == Habitat.Ground
            && (actor.Size < 0.43f || thing.Nature != Nature.Being)))));
}
