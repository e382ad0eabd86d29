using SkiaSharp;
using Zoetrope.Sandbox.Scenes;
using static Zoetrope.Sandbox.Drawing.Tones;

namespace Zoetrope.Sandbox.Drawing.Deeds;

/// <summary>One or a few beings together with what they ride and what they hold, drawn as one, so that nothing comes apart.</summary>
internal sealed class Figure
{
    /// <summary>Height of a counter as a share of the height of who stands behind it.</summary>
    public const float Counter = 0.45f;

    private const float Hip = 42;
    private const float Abreast = 25;
    private readonly IReadOnlyList<SubjectSpec> _actors;
    private readonly Deed? _on;
    private readonly Deed? _with;
    private readonly Setup? _mount;
    private readonly Setup? _work;
    private readonly float _full;
    private readonly float _left;
    private readonly float _right;
    private readonly bool _behind;
    private readonly bool _floor;
    private readonly bool _flies;
    private readonly bool _sleeps;

    public Figure(IReadOnlyList<SubjectSpec> actors, Deed? on, Deed? with, Motion motion, Place place)
    {
        (_actors, _on, _with) = (actors, on, with);
        (_mount, _work) = (on is null ? null : Setups.Find(on), with is null ? null : Setups.Find(with));
        _behind = place == Place.Kitchen && on is null && actors[0].Hands;
        _full = Math.Clamp(0.46f / actors[0].Size, 0.8f, 2);
        _floor = motion == Motion.Sit && on is null && !_behind && actors[0].Hands && _work?.Foot is null;
        _sleeps = motion == Motion.Sleep && actors[0].Hands;
        _flies = on is null && actors[0].Hands && (motion == Motion.Fly || (motion == Motion.Swim && place == Place.Underwater));
        var seat = Seat(0, default);
        (_left, _right, var top) = (actors[0].Aspect * 50, actors[0].Aspect * 50, 105 - seat.Y);
        if (_flies || _sleeps)
        {
            (_left, _right, top) = (62, 62, 75);
        }

        if (_mount is { } m)
        {
            (_left, _right, top) = (m.Left * _full, m.Right * _full, MathF.Max(m.Top * _full, top));
        }

        if (_work is { } w)
        {
            var k = w.FullSize ? _full : 1;
            var more = (w.Next.X * (Math.Min(with!.Count, w.Most) - 1)) + (actors[^1].Hands ? 0 : MathF.Max(0,
                (actors[^1].Aspect * 50) - 36));
            (_left, _right, top) = (MathF.Max(_left, (w.Left * k) - seat.X), MathF.Max(_right, ((w.Right + more) * k) + seat.X),
                MathF.Max(top, (w.Top * k) - seat.Y));
        }

        var thing = on is null ? null : SubjectCatalog.Find(on.Thing);
        Spec = _mount is null && _work is null && !_behind && !_floor && !_flies && !_sleeps ? actors[0] : actors[0] with
        {
            Paint = Paint,
            Aspect = (_left + _right) / 100,
            Tall = (top / 100) + 0.2f,
            Habitat = thing is null ? actors[0].Habitat : _mount!.Pace == Motion.Fly ? Habitat.Air : thing.Habitat,
            Travels = thing is { Nature: not Nature.Thing } || _mount?.Pace == Motion.Fly,
            Shadow = false,
        };
        BehindCounter = _behind;
    }

    /// <summary>What the director puts on the stage.</summary>
    public SubjectSpec Spec { get; }

    public bool BehindCounter { get; }

    /// <summary>The figures of a cast: each alone, or all of them on one mount if there is only one.</summary>
    public static List<Figure> Of(Cast cast, Place place)
    {
        SubjectSpec Actor(int i) => SubjectCatalog.Find(i % (cast.Others.Count + 1) is var n && n == 0 ? cast.Kind : cast.Others[n - 1]);
        if (cast.On is { Each: false } on && on.Count < cast.Count)
        {
            return [new Figure([.. Enumerable.Range(0, Math.Min(cast.Count, 3)).Select(Actor)], on, cast.With, cast.Motion, place)];
        }

        // One kite of two children is the right one's: its string crosses nobody.
        var figures = new List<Figure>();
        for (var i = 0; i < cast.Count; i++)
        {
            var has = cast.With is { } with && (with.Each || with.Count >= cast.Count || i == cast.Count - 1);
            figures.Add(new Figure([Actor(i)], cast.On, has ? cast.With : null, cast.Motion,
                place));
        }

        return figures;
    }

    /// <summary>Where the feet of an actor would be if it stood, in the figure's units; above the ground on a mount.</summary>
    public SKPoint Seat(int actor, in Pose pose)
    {
        var spec = _actors[actor];
        if (_mount is not { Rider: { } seat } mount)
        {
            if (_sleeps)
            {
                return new SKPoint(52, -9);
            }

            return new SKPoint(0, !spec.Hands ? 0 : _floor ? Hip - 6 : _work?.Lower ?? 0);
        }

        var scale = mount.Scale * _full;
        var back = mount.Back is { } moves ? moves(Ridden(pose)) : 0;
        if (_sleeps)
        {
            return new SKPoint((seat.X * scale) + 62, (seat.Y * scale) - 4);
        }

        var sits = mount.Foot is null ? 0 : spec.Hands ? Hip : 4;
        // Side by side on a bench, one behind another on a horse.
        var wide = mount.Near is null || mount.Window is not null ? Abreast * 1.5f : Abreast;
        var first = (_actors.Count - 1) * wide * (mount.Near is null ? 0.5f : 0.2f);
        return new SKPoint((seat.X * scale) + first - (actor * wide), ((seat.Y + back) * scale) + sits);
    }

    /// <summary>Where the near hand is, in the units of who has it.</summary>
    public SKPoint Hand(in Pose pose)
    {
        var setup = _work ?? _mount!;
        if (!_actors[^1].Hands)
        {
            return _actors[^1].Grip;
        }

        var swing = pose.Swing(setup.Beat);
        var near = setup.Near ?? new SKPoint(21, -44);
        return new SKPoint(near.X + (setup.Stroke.X * swing), near.Y + (setup.Stroke.Y * swing));
    }

    /// <summary>Where the thing is, in the units of who has it: the point that is held, or the end of its string.</summary>
    public SKPoint Thing(in Pose pose)
    {
        var setup = _work!;
        if (!_actors[^1].Hands && setup is { Near: not null, Base: null, At.Y: < 0 and > -120 })
        {
            return setup.Pole ? new SKPoint(_actors[^1].Grip.X, -82) : _actors[^1].Grip;
        }

        var k = setup.FullSize ? _full : 1;
        var swing = pose.Swing(setup.Beat);
        var (dx, dy) = setup.Follows ? (setup.Stroke.X * swing, setup.Stroke.Y * swing)
            : (setup.Drift.X * swing, setup.Drift.Y * pose.Swing(setup.Beat, 0.3f));
        var (wide, raised) = _actors[^1].Hands ? (0, 0) : (MathF.Max(0, (_actors[^1].Aspect * 50) - 36), setup.Lower);
        var ground = setup.At.Y == 0 && _mount is null ? -Seat(0, pose).Y : 0;
        return new SKPoint((setup.At.X * k) + dx + wide, (setup.At.Y * k) + dy + ground + raised);
    }

    private void Paint(Ink ink, in Pose pose)
    {
        using var centred = ink.At((_left - _right) / 2, 0);
        if (_mount is { Inside: true })
        {
            Actors(ink, pose);
        }

        if (_on is not null)
        {
            var thing = SubjectCatalog.Find(_on.Thing);
            var scale = _mount!.Scale * _full;
            if (Spec.Habitat == Habitat.Ground)
            {
                ink.Shadow(0, 1, MathF.Min(_left, _right) * 0.9f, 6, 0.5f);
            }

            using (ink.At(0, 0, scale, scale))
            {
                thing.Paint(ink, Ridden(pose) with { Color = _on.Color ?? Rgb(thing.Color), Gesture = null });
                if (_mount.Window is { } window)
                {
                    ink.Clip(window);
                    ink.Canvas.Scale(1 / scale);
                    Actors(ink, pose);
                }
            }
        }

        if (_mount is not { Inside: true } and not { Window: not null })
        {
            Actors(ink, pose);
        }

        if (_work is { OnTable: true } && _behind)
        {
            Things(ink, pose);
        }
    }

    private Pose Ridden(in Pose pose) => pose with
    {
        Motion = pose.Motion is Motion.Run or Motion.Walk or Motion.Jump or Motion.Swim ? pose.Motion : pose.Motion is Motion.Still
            ? Motion.Natural : _mount!.Pace,
    };

    private void Actors(Ink ink, in Pose pose)
    {
        // From the rearmost to the one in front.
        for (var i = _actors.Count - 1; i >= 0; i--)
        {
            var seat = Seat(i, pose);
            using (ink.At(seat.X, seat.Y))
            {
                Actor(ink, i, i == 0 ? pose : pose with { Color = Rgb(_actors[i].Color), Dice = pose.Dice.Fork(i) });
            }
        }
    }

    private void Actor(Ink ink, int i, Pose pose)
    {
        var spec = _actors[i];
        var work = i == _actors.Count - 1 ? _work : null;
        if (_flies)
        {
            // Head first, one arm ahead.
            ink.Canvas.Translate(-48, -24);
            ink.Canvas.RotateDegrees(68);
            pose = pose with { Motion = Motion.Natural };
        }
        else if (_mount is null && !_behind)
        {
            ink.Shadow(_floor ? 12 : _sleeps ? -48 : 0, 1 - Seat(i, pose).Y, spec.Aspect * 40, 6, 0.5f);
        }

        var counter = _behind && work is { OnTable: true };
        if (work is { Base: { } furniture } && spec.Hands && !counter)
        {
            using (ink.At(0, -work.Lower))
            {
                furniture(ink, pose with { Gesture = null });
            }
        }

        if (_behind)
        {
            ink.Canvas.Save();
            ink.Canvas.ClipRect(new SKRect(-400, -600, 400, -Counter * 100));
        }

        // A rider's legs do not walk.
        pose = _mount is null ? pose : pose with { Motion = pose.Motion == Motion.Sleep ? Motion.Sleep : Motion.Natural };
        pose = work is { Pace: Motion.Walk } ? pose with { Motion = Motion.Walk } : pose;
        if (!spec.Hands)
        {
            spec.Paint(ink, pose);
            Things(ink, pose, work);
        }
        else
        {
            var setup = work ?? _mount;
            var gesture = new Gesture(
                setup?.Near is not null ? Hand(pose) : _flies ? new SKPoint(16, -112) : null,
                setup?.Far,
                work?.Foot ?? (_sleeps ? null : _mount?.Foot) ?? (_floor ? new SKPoint(34, 4) : null),
                work?.FarFoot ?? (_sleeps ? null : _mount?.FarFoot) ?? (_floor ? new SKPoint(29, 5) : null),
                counter || work is null && setup?.Tool is null ? null : front => Things(front, pose, work));
            spec.Paint(ink, pose with { Gesture = gesture });
        }

        if (_behind)
        {
            ink.Canvas.Restore();
        }
    }

    private void Things(Ink ink, in Pose pose) => Things(ink, pose, _work);

    private void Things(Ink ink, in Pose pose, Setup? work)
    {
        var setup = work ?? _mount!;
        var hand = Hand(pose);
        if (work is not null)
        {
            var thing = SubjectCatalog.Find(_with!.Thing);
            var at = Thing(pose);
            var scale = work.Scale * (work.FullSize ? _full : 1);
            var count = Math.Min(_with.Count, work.Most);
            for (var n = count - 1; n >= 0; n--)
            {
                var (x, y) = (at.X + (work.Next.X * n * _full), at.Y + (work.Next.Y * n));
                if (work.Pole && !_actors[^1].Hands)
                {
                    ink.Line(hand.X, hand.Y, x, y, 3, Rgb(0x4A3A30));
                }

                if (work.Tether is { } end)
                {
                    var (ex, ey) = (x + ((end.X - work.Anchor.X) * scale), y + ((end.Y - work.Anchor.Y) * scale));
                    ink.Limb(hand.X, hand.Y, ((hand.X + ex) / 2) + 2, ((hand.Y + ey) / 2) + 7, ex, ey, 0.9f, Rgb(0xF4F0E6));
                }

                using (ink.At(x, y, scale, scale, work.Degrees + (work.Fan * (n - ((count - 1) / 2f)))))
                {
                    ink.Canvas.Translate(-work.Anchor.X, -work.Anchor.Y);
                    if (work.At.Y == 0)
                    {
                        ink.Shadow(0, 1, thing.Aspect * 46, 7, 0.45f);
                    }

                    thing.Paint(ink, pose with { Color = _with.Color ?? Rgb(thing.Color), Gesture = null,
                        Motion = work.Pace, Dice = pose.Dice.Fork(n) });
                }
            }
        }

        if (setup.Tool is { } tool && _actors[^1].Hands)
        {
            using (ink.At(hand.X, hand.Y))
            {
                tool(ink, pose with { Gesture = null });
            }

            if (setup is { BothTools: true, Far: { } far })
            {
                using (ink.At(far.X, far.Y))
                {
                    tool(ink, pose with { Gesture = null });
                }
            }
        }
    }
}
