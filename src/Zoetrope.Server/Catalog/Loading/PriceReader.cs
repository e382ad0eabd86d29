using System.Collections.Frozen;
using System.Collections.Immutable;
using Zoetrope.Server.Catalog.Models;
using Zoetrope.Server.Providers.Calls;

namespace Zoetrope.Server.Catalog.Loading;

/// <summary>Reads a price rule and insists that every allowed combination of its keys has a price.</summary>
internal static class PriceReader
{
    private static readonly string[] Types = ["flat", "table", "perSecond", "ifVideoReference", "outputMegapixels"];

    public static PriceRule? Read(NodeReader node, ImmutableArray<ParameterSpec> parameters, FrozenDictionary<string, int> index)
    {
        PriceRule? rule = node.OneOf("type", Types, required: true) switch
        {
            "flat" => Flat(node),
            "table" => Table(node, "rows", parameters, index) is { } table ? new PriceRule.Table(table) : null,
            "perSecond" => PerSecond(node, parameters, index),
            "ifVideoReference" => Conditional(node, parameters, index),
            "outputMegapixels" => Megapixels(node),
            _ => null,
        };
        node.Done();
        return rule;
    }

    private static PriceRule.Table? Flat(NodeReader node) =>
        node.Integer("credits", 1, PriceRule.MaxCredits, required: true) is { } credits
            ? new PriceRule.Table(new PriceTable([], [], [credits]))
            : null;

    private static PriceRule.PerSecond? PerSecond(
        NodeReader node, ImmutableArray<ParameterSpec> parameters, FrozenDictionary<string, int> index)
    {
        SecondsBase? @base = node.OneOf("base", ["output", "input", "inputAndOutput"], required: true) switch
        {
            "output" => SecondsBase.Output,
            "input" => SecondsBase.Input,
            "inputAndOutput" => SecondsBase.InputAndOutput,
            _ => null,
        };
        return Table(node, "rates", parameters, index) is { } rates && @base is { } known ? new PriceRule.PerSecond(rates, known) : null;
    }

    private static PriceRule.IfVideoReference? Conditional(
        NodeReader node, ImmutableArray<ParameterSpec> parameters, FrozenDictionary<string, int> index)
    {
        var then = node.Object("then", required: true) is { } thenNode ? Read(thenNode, parameters, index) : null;
        var otherwise = node.Object("else", required: true) is { } elseNode ? Read(elseNode, parameters, index) : null;
        return then is null || otherwise is null ? null : new PriceRule.IfVideoReference(then, otherwise);
    }

    private static PriceRule.OutputMegapixels? Megapixels(NodeReader node)
    {
        var tiers = node.Objects("tiers").Select(tier =>
        {
            var read = new MegapixelTier(
                tier.Integer("upTo", 1, 10_000, required: true) ?? 1,
                tier.Integer("credits", 1, PriceRule.MaxCredits, required: true) ?? 1);
            tier.Done();
            return read;
        }).ToImmutableArray();
        if (tiers.Length == 0 || !tiers.Select(tier => tier.UpTo).SequenceEqual(tiers.Select(tier => tier.UpTo).Distinct().Order()))
        {
            node.Error("tiers", "allowed: at least one tier, in ascending order of upTo");
            return null;
        }

        return new PriceRule.OutputMegapixels(tiers);
    }

    private static PriceTable? Table(
        NodeReader node, string member, ImmutableArray<ParameterSpec> parameters, FrozenDictionary<string, int> index)
    {
        var keys = node.Texts("keys").Select(name => RuleReader.Place(node, "keys", name, index)).ToImmutableArray();
        var rows = node.Object(member, required: true);
        if (rows is null || keys.Length == 0 || keys.Contains(-1))
        {
            if (keys.Length == 0)
            {
                node.Error("keys", "is required: the parameters the price depends on");
            }

            return null;
        }

        var keyed = keys.Select(key => parameters[key]).ToImmutableArray();
        foreach (var parameter in keyed)
        {
            if (parameter.Cardinality is null)
            {
                node.Error("keys", $"{parameter.Name} has no closed list of values, so it cannot key a price");
                return null;
            }

            if (!parameter.Default.IsSet && !parameter.Required)
            {
                node.Error("keys", $"{parameter.Name} is neither required nor has it a default, so a request without it would have no price");
                return null;
            }
        }

        var cells = ImmutableArray.CreateBuilder<long>();
        var complete = Fill(rows, keyed, 0, cells);
        return complete ? new PriceTable(keys, keyed, cells.ToImmutable()) : null;
    }

    private static bool Fill(NodeReader rows, ImmutableArray<ParameterSpec> keys, int depth, ImmutableArray<long>.Builder cells)
    {
        var complete = true;
        var key = keys[depth];
        foreach (var value in Enumerable.Range(0, key.Cardinality!.Value).Select(key.TextAt))
        {
            if (rows.Node(value) is null)
            {
                rows.Error(value, $"has no price; every allowed {key.Name} needs one");
                complete = false;
            }
            else if (depth + 1 < keys.Length)
            {
                complete &= rows.Object(value) is { } inner && Fill(inner, keys, depth + 1, cells);
            }
            else
            {
                var credits = rows.Integer(value, 1, PriceRule.MaxCredits);
                complete &= credits is not null;
                cells.Add(credits ?? 0);
            }
        }

        rows.Done();
        return complete;
    }
}
