using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Globalization;

namespace Zoetrope.Server.Catalog.Models;

/// <summary>
/// What people write when they mean a model, at every door: an id or alias with other spaces, dots and dashes, or the name of a
/// family, of which the attached files choose the member. Where a name could mean several families nothing is chosen: they differ
/// in price.
/// </summary>
internal sealed class ModelNames
{
    /// <summary>Longer texts name no model; comparing more would be a gift to an attacker.</summary>
    private const int MaxLength = 64;

    private const int MaxHints = 5;

    private readonly ImmutableArray<Family> _families;
    private readonly FrozenDictionary<string, ModelSpec> _byId;
    private readonly FrozenDictionary<string, ModelSpec> _byAlias;
    private readonly FrozenDictionary<string, Family?> _byName;

    public ModelNames(ImmutableArray<ModelSpec> models)
    {
        _families = [.. models.GroupBy(model => model.Family, StringComparer.Ordinal).Select(group => new Family(group))];
        _byId = models.DistinctBy(model => Squeezed(model.Id), StringComparer.Ordinal)
            .ToFrozenDictionary(model => Squeezed(model.Id), StringComparer.Ordinal);
        _byAlias = models.SelectMany(model => model.Aliases, (model, alias) => KeyValuePair.Create(alias, model))
            .ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
        _byName = _families.SelectMany(family => family.Keys, (family, key) => (key, family))
            .GroupBy(pair => pair.key, StringComparer.Ordinal)
            .ToFrozenDictionary(group => group.Key, group => group.Count() == 1 ? group.First().family : null, StringComparer.Ordinal);
    }

    /// <summary>The model that is meant; null where there is none, or more than one family.</summary>
    public ModelSpec? Find(string name, Attached attached)
    {
        if (name.Length > MaxLength)
        {
            return null;
        }

        // An alias of the older API was a family's name in its day, even if it says text-to-….
        if (_byAlias.GetValueOrDefault(name) is { } model)
        {
            return FamilyOf(model).Choose(attached, model);
        }

        var key = Squeezed(name);
        return _byId.GetValueOrDefault(key) ?? _byName.GetValueOrDefault(key)?.Choose(attached);
    }

    /// <summary>The member of the model's family that accepts a file under this name.</summary>
    public ModelSpec? Accepting(ModelSpec model, string parameter) => FamilyOf(model).Members.FirstOrDefault(member =>
        IsOffered(member) && Takes(member, parameter));

    /// <summary>
    /// Up to five ids that may have been meant: what begins like this name, in the catalogue's order, then by edit distance; of
    /// each family the member that the attached files mean.
    /// </summary>
    public IReadOnlyList<string> Nearest(string name, Attached attached, MediaType? media = null)
    {
        var key = Squeezed(name.Length > MaxLength ? name[..MaxLength] : name);
        if (key.Length == 0)
        {
            return [];
        }

        var most = Math.Max(2, Math.Min(key.Length, 24) / 4);
        var families = _families.Select(family => (Model: family.Choose(attached), Distance: family.DistanceTo(key)));
        var members = _families.SelectMany(family => family.Members)
            .Select(model => (Model: model, Distance: DistanceTo(model, key)));
        return
        [
            .. members.Concat(families)
                .Where(pair => pair.Distance <= most && IsOffered(pair.Model))
                .Where(pair => media is null || pair.Model.MediaType == media)
                .OrderBy(pair => pair.Distance)
                .Select(pair => pair.Model.Id)
                .Distinct()
                .Take(MaxHints),
        ];
    }

    private static bool Takes(ModelSpec model, string parameter) =>
        Attached.PlaceIn(model, parameter) is { } place && model.Parameters[place].Input is not null;

    private static bool IsOffered(ModelSpec model) => model.Lifecycle.Status is not LifecycleStatus.Retired;

    private Family FamilyOf(ModelSpec model) => _families.First(family => family.Members[0].Family == model.Family);

    // The family was compared already: a member is meant by what comes after its name.
    private static int DistanceTo(ModelSpec model, string key)
    {
        var id = Squeezed(model.Id);
        return key.Length > Squeezed(model.Family).Length && id.StartsWith(key, StringComparison.Ordinal)
            ? 0
            : EditDistance.Between(key, id);
    }

    /// <summary>The name without what people write differently: case, spaces, dots, dashes, slashes and brackets.</summary>
    private static string Squeezed(string name) =>
        string.Concat(name.Where(static character => !IsSeparator(character)).Select(char.ToLowerInvariant));

    private static bool IsSeparator(char character) =>
        char.IsWhiteSpace(character)
        || character is '.' or '_' or '/' or '[' or ']'
        || char.GetUnicodeCategory(character) is UnicodeCategory.DashPunctuation;

    private sealed class Family
    {
        public Family(IEnumerable<ModelSpec> members)
        {
            // Stable: members of one kind stay in the catalogue's order.
            Members = [.. members.OrderBy(static model => Rank(model.Mode))];
            Keys =
            [
                .. Members.SelectMany(static model => (string[])[model.Family, model.Name, Base(model)])
                    .SelectMany(name => (string[])[Squeezed(name), Squeezed(Members[0].Vendor + name)])
                    .Distinct(StringComparer.Ordinal),
            ];
        }

        /// <summary>The plain text-to-… first, then image-to-…</summary>
        public ImmutableArray<ModelSpec> Members { get; }

        public ImmutableArray<string> Keys { get; }

        /// <param name="attached">What comes with the request.</param>
        /// <param name="named">The member that is meant unless something is attached that it does not accept.</param>
        public ModelSpec Choose(Attached attached, ModelSpec? named = null)
        {
            var living = Members.Where(IsOffered).ToList();
            if (living.Count == 0 || (named is not null && !IsOffered(named)))
            {
                return named ?? Members[0];
            }

            // Files that none of them accepts say nothing about which is meant; they are refused later, by name.
            attached = new Attached(
                [.. attached.Names.Where(name => living.Exists(model => Takes(model, name)))],
                [.. attached.Kinds.Where(kind => living.Exists(model => model.MaxInputs(kind) > 0))]);
            // One that is gone says so, and what replaced it, rather than that another member lacks a file.
            return named is not null && attached.Fits(named) ? named
                : living.Find(attached.Fits) ?? named ?? Members.FirstOrDefault(attached.Fits) ?? living.MaxBy(attached.Accepted)!;
        }

        public int DistanceTo(string key) => Keys.Min(own =>
            own.StartsWith(key, StringComparison.Ordinal) ? 0
            : key.StartsWith(own, StringComparison.Ordinal) ? 2
            : EditDistance.Between(key, own));

        private static int Rank(string mode) =>
            mode.StartsWith("text-to-", StringComparison.Ordinal) ? 0 : mode.StartsWith("image-to-", StringComparison.Ordinal) ? 1 : 2;

        private static string Base(ModelSpec model) =>
            model.Id.EndsWith("-" + model.Mode, StringComparison.Ordinal) ? model.Id[..^(model.Mode.Length + 1)] : model.Id;
    }
}
