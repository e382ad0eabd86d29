using System.Collections.Immutable;
using System.Text.Json;
using Zoetrope.Server.Catalog.Models;
using Zoetrope.Server.Catalog.Schema;

namespace Zoetrope.Server.Catalog.Loading;

/// <summary>What a table of prices or of costs holds.</summary>
/// <param name="Noun">The word for one cell.</param>
/// <param name="Max">The largest that a cell can be.</param>
internal sealed record PriceUnit(string Noun, long Max)
{
    public static readonly PriceUnit Credits = new("price", PriceRule.MaxCredits);

    public static readonly PriceUnit Cost = new("cost", RouteCost.MaxMicros);
}

/// <summary>Reads a price, or a cost, and insists that every allowed combination of its keys has one.</summary>
internal sealed class PriceReader(ParameterList parameters, PriceUnit unit)
{
    /// <summary>Whether a value of a parameter must have a cell.</summary>
    public Func<ParameterSpec, string, bool> IsNeeded { get; init; } = static (_, _) => true;

    /// <returns>Null where something is wrong, here or in the entry's shape.</returns>
    public static PriceRule? Read(PriceEntry? entry, ParameterList parameters, Place place)
    {
        var price = new PriceReader(parameters, PriceUnit.Credits).Read(entry, place);
        if (price is null || entry?.InputImages is not { Each: { } each } images)
        {
            return price;
        }

        var at = place.At("inputImages");
        var least = parameters.Items.Where(parameter => parameter is { Input: InputKind.Image, Required: true })
            .Sum(parameter => Math.Max(1, parameter.MinItems ?? 1));
        if (images.Free < least)
        {
            at.At("free").Refuse($"{images.Free}", $"at least {least}: every request has {least} input image(s), so the price includes them");
        }

        var reader = new PriceReader(parameters, PriceUnit.Credits) { IsNeeded = static (_, _) => false };
        return reader.ReadPart(each, at.At("each")) is { } rule ? price with { Images = new ImagePrice(rule, images.Free) } : null;
    }

    /// <returns>Null where something is wrong, here or in the entry's shape.</returns>
    public PriceRule? Read(PriceEntry? entry, Place place) => entry switch
    {
        { Type: PriceType.Flat, Credits: { } credits } => new PriceRule.Table(new PriceTable([], [], [credits])),
        { Type: PriceType.Table, Keys: { } keys, Rows: { } rows } =>
            Table(keys, rows, place, "rows") is { } table ? new PriceRule.Table(table) : null,
        { Type: PriceType.PerSecond, Keys: { } keys, Rates: { } rates } =>
            Table(keys, rates, place, "rates") is { } table && entry.Base is { } seconds
                ? new PriceRule.PerSecond(table, seconds)
                : null,
        { Type: PriceType.IfVideoReference } =>
            (ReadPart(entry.Then, place.At("then")), ReadPart(entry.Else, place.At("else"))) is ({ } then, { } otherwise)
                ? new PriceRule.IfVideoReference(then, otherwise)
                : null,
        { Type: PriceType.OutputMegapixels, Tiers: { } tiers } => Megapixels(tiers, place.At("tiers")),
        _ => null,
    };

    private PriceRule? ReadPart(PriceEntry? entry, Place place)
    {
        if (entry?.InputImages is not null)
        {
            place.At("inputImages").Refuse("inputImages belongs to the price as a whole. Move it there.");
        }

        return Read(entry, place);
    }

    private static PriceRule.OutputMegapixels? Megapixels(IReadOnlyList<TierEntry> tiers, Place place)
    {
        var sizes = tiers.Select(tier => tier.UpTo).ToArray();
        if (sizes.Length > 0 && sizes.SequenceEqual(sizes.Distinct().Order()))
        {
            return new PriceRule.OutputMegapixels([.. tiers.Select(tier => new MegapixelTier(tier.UpTo, tier.Credits))]);
        }

        place.Refuse("Write at least one tier, in ascending order of upTo.");
        return null;
    }

    private PriceTable? Table(IReadOnlyList<string> names, OrderedDictionary<string, JsonElement> rows, Place place, string field)
    {
        var before = place.Errors.Count;
        var at = place.At("keys");
        if (names.Count == 0)
        {
            at.Refuse("[]", $"the parameters that the {unit.Noun} depends on; a {unit.Noun} without them is flat");
        }

        var keys = names.Select((name, index) => parameters.Find(name, at.At(index))).OfType<int>().ToImmutableArray();
        var keyed = keys.Select(key => parameters[key]).ToImmutableArray();
        foreach (var parameter in keyed)
        {
            if (parameter.Cardinality is null)
            {
                at.Refuse($"{parameter.Name} has no closed list of values, so it cannot key a {unit.Noun}.");
            }

            if (!parameter.Default.IsSet && !parameter.Required)
            {
                at.Refuse($"{parameter.Name} is not required and has no default, so a request without it would have no {unit.Noun}.");
            }
        }

        if (place.Errors.Count > before)
        {
            return null;
        }

        var cells = ImmutableArray.CreateBuilder<long>();
        Fill(rows, keyed, 0, cells, place.At(field));
        return place.Errors.Count == before ? new PriceTable(keys, keyed, cells.ToImmutable()) : null;
    }

    private void Fill(
        IReadOnlyDictionary<string, JsonElement> rows,
        ImmutableArray<ParameterSpec> keys,
        int depth,
        ImmutableArray<long>.Builder cells,
        Place place)
    {
        var values = Enumerable.Range(0, keys[depth].Cardinality!.Value).Select(keys[depth].TextAt).ToArray();
        foreach (var unknown in rows.Keys.Except(values))
        {
            place.At(unknown).RefuseName($"value of {keys[depth].Name}", unknown, values);
        }

        foreach (var value in values)
        {
            var at = place.At(value);
            if (!rows.TryGetValue(value, out var cell))
            {
                if (IsNeeded(keys[depth], value))
                {
                    at.Refuse($"There is no {unit.Noun}. Every allowed value of {keys[depth].Name} needs one.");
                }

                cells.AddRange(Enumerable.Repeat(0L, keys.Skip(depth + 1).Aggregate(1, (count, key) => count * key.Cardinality!.Value)));
            }
            else if (depth + 1 == keys.Length)
            {
                cells.Add(Cell(cell, at));
            }
            else if (cell.ValueKind == JsonValueKind.Object)
            {
                Fill(cell.EnumerateObject().ToDictionary(member => member.Name, member => member.Value), keys, depth + 1, cells, at);
            }
            else
            {
                at.Refuse(Given.Of(cell), $"an object with a {unit.Noun} for each value of {keys[depth + 1].Name}");
            }
        }
    }

    private long Cell(JsonElement cell, Place place)
    {
        if (cell.ValueKind == JsonValueKind.Number && cell.TryGetInt64(out var amount) && amount >= 1 && amount <= unit.Max)
        {
            return amount;
        }

        place.Refuse(Given.Of(cell), $"an integer from 1 to {unit.Max}");
        return 0;
    }
}
