using SkiaSharp;
using Zoetrope.Sandbox.Drawing;
using Zoetrope.Sandbox.Drawing.Deeds;

namespace Zoetrope.Sandbox.Scenes;

/// <summary>Follows who does what with which thing while a prompt is read, so that a verb finds its object.</summary>
internal sealed class Doings(List<Cast> casts)
{
    private Act? _act;
    private (Act Act, string Thing)? _implied;
    private string _way = "";
    private int _actor = -1;
    private string _given = "";

    /// <summary>Hears a verb after the one who does it; false where the word is none.</summary>
    public bool Verb(string word, string next)
    {
        var acts = Verbs.Acts.TryGetValue(word, out var act);
        var implies = Verbs.Implied.TryGetValue(word, out var implied);
        if (!acts && !implies)
        {
            return false;
        }

        if (Lexicon.Styles.ContainsKey(word) && !Verbs.Determiners.Contains(next) && next is not ("on" or "at"))
        {
            // "A woman, oil painting" is no painter.
            return false;
        }

        Settle();
        _actor = casts.FindLastIndex(static cast => Spec(cast).Nature == Nature.Being);
        (_act, _implied, _way) = (acts ? act : null, implies && Hands ? implied : null, "");
        return true;
    }

    /// <summary>Whether the one who does it has hands for it.</summary>
    public bool Hands => _actor >= 0 && Spec(casts[_actor]).Hands;

    public bool Pending => _act is not null && _actor >= 0;

    /// <summary>Hears a word that is no noun: it leads on to the object, or says that there is none.</summary>
    public void Small(string word)
    {
        if (word is "on" or "in" or "onto" or "aboard" or "at" or "behind" or "with" or "under" or "through" or "atop" or "of")
        {
            _way = word;
            if (!Pending && word != "of" && casts.Count > 0 && Spec(casts[^1]).Nature == Nature.Being)
            {
                _actor = casts.Count - 1;
            }
        }
        else if (Verbs.Ends.Contains(word))
        {
            Break();
        }
    }

    /// <summary>An object that nobody can draw: it is not replaced by the usual one, but paint and pots stay.</summary>
    public void Unknown()
    {
        _implied = _implied is { Act: Act.Use or Act.Hold or Act.Ride } ? _implied : null;
        Break();
    }

    /// <summary>The clause is over, or another noun came: what follows is not the object.</summary>
    public void Break()
    {
        Settle();
        (_act, _way, _actor, _given) = (null, "", -1, "");
    }

    /// <summary>Gives the thing to the one who does something with it; false if nobody does.</summary>
    public bool Takes(SubjectSpec thing, int count, bool each, SKColor? color)
    {
        if (_actor < 0)
        {
            return false;
        }

        if (_given == thing.Kind && _way == "of")
        {
            // A bouquet of roses.
            var has = casts[_actor].With;
            casts[_actor] = has is null ? casts[_actor] : casts[_actor] with { With = has with { Count = Math.Max(has.Count, count) } };
            return true;
        }

        if (_act == Act.Hold && thing.Hands && !Hands && Carried(casts[_actor], thing, count, color) is { } rider)
        {
            casts[_actor] = rider;
            (_act, _way) = (null, "");
            return true;
        }

        foreach (var act in Candidates())
        {
            var kind = thing.Kind == "boat" && _implied is { Thing: "rowboat" } rowed ? rowed.Thing
                : Setups.Stand.GetValueOrDefault((act, thing.Kind), thing.Kind);
            if (Give(new Deed(act, kind, count, each, color)))
            {
                _implied = null;
                (_act, _way, _given) = (null, "", thing.Kind);
                return true;
            }
        }

        return false;
    }

    /// <summary>Gives the last one who came what its trade needs: a cyclist has a bicycle.</summary>
    public void Equip(string thing, params ReadOnlySpan<Act> acts)
    {
        _actor = casts.Count - 1;
        foreach (var act in acts)
        {
            if (Give(new Deed(act, thing, 1, true, null)))
            {
                break;
            }
        }

        _actor = -1;
    }

    // "A dragon carrying a princess" is a princess who rides a dragon.
    private static Cast? Carried(Cast mount, SubjectSpec thing, int count, SKColor? color) =>
        new Deed(Act.Ride, mount.Kind, mount.Count, mount.Count >= count, mount.Color) is var ride && Setups.Find(ride) is not null
            ? new Cast(thing.Kind, count, color, mount.Motion) { On = ride } : null;

    // A verb without its object has the one that it implies.
    private void Settle()
    {
        if (_implied is { } implied && _actor >= 0)
        {
            Give(new Deed(implied.Act, implied.Thing, 1, true, null));
        }

        _implied = null;
    }

    private bool Give(Deed deed)
    {
        var cast = casts[_actor];
        if (Setups.Find(deed) is not { } setup || (setup.Rider is null ? cast.With : cast.On) is not null
            || !setup.Suits(Spec(cast), SubjectCatalog.Find(deed.Thing)))
        {
            return false;
        }

        casts[_actor] = setup.Rider is null ? cast with { With = deed } : cast with { On = deed };
        return true;
    }

    private IEnumerable<Act> Candidates()
    {
        if (_act is { } act && _way != "under")
        {
            yield return act;
        }

        foreach (var more in Ways(_way))
        {
            yield return more;
        }
    }

    private static Act[] Ways(string way) => way switch
    {
        "on" or "onto" or "in" or "aboard" or "atop" => [Act.Ride],
        "at" or "behind" => [Act.Play, Act.Use],
        "with" => [Act.With],
        "under" => [Act.Under],
        _ => [],
    };

    private static SubjectSpec Spec(Cast cast) => SubjectCatalog.Find(cast.Kind);
}
