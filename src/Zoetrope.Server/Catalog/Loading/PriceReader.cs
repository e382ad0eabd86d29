using System.Collections.Immutable;
using System.Text.Json;
using Zoetrope.Server.Catalog.Models;
using Zoetrope.Server.Catalog.Schema;

namespace Zoetrope.Server.Catalog.Loading;

/// <summary>Reads a price and insists that every allowed combination of its keys has one.</summary>
internal static class PriceReader
{
    /// <returns>Null where something is wrong, here or in the entry's shape.</returns>
    public static PriceRule? Read(PriceEntry? entry, ParameterList parameters, Place place) => entry switch
    {
        { Type: PriceType.Flat, Credits: { } credits } => new PriceRule.Table(new PriceTable([], [], [credits])),
        { Type: PriceType.Table, Keys: { } keys, Rows: { } rows } =>
            Table(keys, rows, parameters, place, "rows") is { } table ? new PriceRule.Table(table) : null,
        { Type: PriceType.PerSecond, Keys: { } keys, Rates: { } rates } =>
            Table(keys, rates, parameters, place, "rates") is { } table && entry.Base is { } seconds
                ? new PriceRule.PerSecond(table, seconds)
                : null,
        { Type: PriceType.IfVideoReference } =>
            (Read(entry.Then, parameters, place.At("then")), Read(entry.Else, parameters, place.At("else"))) is ({ } then, { } otherwise)
                ? new PriceRule.IfVideoReference(then, otherwise)
                : null,
        { Type: PriceType.OutputMegapixels, Tiers: { } tiers } => Megapixels(tiers, place.At("tiers")),
        _ => null,
    };

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

    private static PriceTable? Table(
        IReadOnlyList<string> names, OrderedDictionary<string, JsonElement> rows, ParameterList parameters, Place place, string field)
    {
        var before = place.Errors.Count;
        var at = place.At("keys");
        if (names.Count == 0)
        {
            at.Refuse("[]", "the parameters that the price depends on; a price without them is flat");
        }

        var keys = names.Select((name, index) => parameters.Find(name, at.At(index))).OfType<int>().ToImmutableArray();
        var keyed = keys.Select(key => parameters[key]).ToImmutableArray();
        foreach (var parameter in keyed)
        {
            if (parameter.Cardinality is null)
            {
                at.Refuse($"{parameter.Name} has no closed list of values, so it cannot key a price.");
            }

            if (!parameter.Default.IsSet && !parameter.Required)
            {
                at.Refuse($"{parameter.Name} is not required and has no default, so a request without it would have no price.");
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

    private static void Fill(
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
                at.Refuse($"There is no price. Every allowed value of {keys[depth].Name} needs one.");
            }
            else if (depth + 1 == keys.Length)
            {
                cells.Add(Credits(cell, at));
            }
            else if (cell.ValueKind == JsonValueKind.Object)
            {
                Fill(cell.EnumerateObject().ToDictionary(member => member.Name, member => member.Value), keys, depth + 1, cells, at);
            }
            else
            {
                at.Refuse(Given.Of(cell), $"an object with a price for each value of {keys[depth + 1].Name}");
            }
        }
    }

    private static long Credits(JsonElement cell, Place place)
    {
        if (cell.ValueKind == JsonValueKind.Number && cell.TryGetInt64(out var credits) && credits is >= 1 and <= PriceRule.MaxCredits)
        {
            return credits;
        }

        place.Refuse(Given.Of(cell), $"an integer from 1 to {PriceRule.MaxCredits}");
        return 0;
    }
}
