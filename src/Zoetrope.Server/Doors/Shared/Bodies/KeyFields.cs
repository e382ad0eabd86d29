using System.Net;
using Zoetrope.Server.Accounts;
using Zoetrope.Server.Admission.Gates;
using Zoetrope.Server.Catalog.Models;
using Zoetrope.Server.Ledger;

namespace Zoetrope.Server.Doors.Shared.Bodies;

/// <summary>The fields of a key in a body, for its owner and for the operator. A field that was not sent is no wish.</summary>
internal sealed record KeyFields(RequestFields Fields, string? Name, Scopes? Scopes, KeyLimits Limits, DateTimeOffset? ExpiresAt)
{
    public const int MaxName = 255;

    private const int MaxModels = 200;
    private const int MaxAddresses = 50;
    private const int MaxText = 200;

    public static readonly string[] ScopeNames = ["generate", "read", "keys", "members", "budgets", "audit", "all"];

    /// <summary>Reads them; what is wrong shows in <see cref="RequestFields.Problem"/>, or here.</summary>
    public static Outcome<KeyFields> Read(RequestFields fields, bool isNew, ModelCatalog catalog, DateTimeOffset now)
    {
        var name = fields.Text("name", MaxName, required: isNew);
        var scopes = fields.ListOf("scopes", ScopeNames);
        var limits = new KeyLimits(
            (int?)fields.Integer("requestsPerMinute", 1, RequestRate.MaxPerMinute), (int?)fields.Integer("inFlightLimit", 1, int.MaxValue))
        {
            SpendPerDay = Credits("spendPerDay"),
            SpendPerWeek = Credits("spendPerWeek"),
            SpendPerMonth = Credits("spendPerMonth"),
            SpendInAll = Credits("spendInAll"),
            AskAbove = fields.Integer("askAbove", 0, CreditLedger.MaxAmount),
        };
        var models = fields.Texts("models", MaxModels, MaxText);
        var addresses = fields.Texts("addresses", MaxAddresses, MaxText);
        var expires = fields.Instant("expiresAt");
        if (fields.Problem() is { } problem
            || ModelsOf(models, catalog).Failed(out problem, out var known)
            || NetworksOf(addresses).Failed(out problem, out var networks))
        {
            return problem;
        }

        return expires <= now
            ? Problems.InvalidParameter.With("expiresAt must be in the future.", "expiresAt")
            : new KeyFields(fields, name, scopes is null ? null : ScopesOf(scopes), limits with { Models = known, Addresses = networks }, expires);

        long? Credits(string field) => fields.Integer(field, 1, CreditLedger.MaxAmount);
    }

    /// <summary>The row with the wishes of a body on it; null means what the changing key has.</summary>
    public ApiKey On(ApiKey key, Caller maker)
    {
        var within = KeyReach.Within(maker.Limits, Limits);
        return key with
        {
            Name = Name ?? key.Name,
            Scopes = (long)(Scopes ?? (Fields.Has("scopes") ? Server.Scopes.All & maker.Scopes : (Scopes)key.Scopes)),
            RequestsPerMinute = Of("requestsPerMinute", within.RequestsPerMinute, key.RequestsPerMinute),
            InFlightLimit = Of("inFlightLimit", within.InFlight, key.InFlightLimit),
            SpendPerDay = Of("spendPerDay", within.SpendPerDay, key.SpendPerDay),
            SpendPerWeek = Of("spendPerWeek", within.SpendPerWeek, key.SpendPerWeek),
            SpendPerMonth = Of("spendPerMonth", within.SpendPerMonth, key.SpendPerMonth),
            SpendInAll = Of("spendInAll", within.SpendInAll, key.SpendInAll),
            AskAbove = Of("askAbove", within.AskAbove, key.AskAbove),
            Models = Of("models", KeyLists.Column(within.Models), key.Models),
            Addresses = Of("addresses", KeyLists.Column(within.Addresses), key.Addresses),
            ExpiresAt = Of("expiresAt", ExpiresAt?.ToUnixTimeMilliseconds() ?? maker.KeysEndAt, key.ExpiresAt),
        };

        T Of<T>(string field, T wish, T now) => Fields.Has(field) ? wish : now;
    }

    public static Scopes ScopesOf(IReadOnlyList<string> names) => names.Aggregate(
        Server.Scopes.None, static (scopes, name) => scopes | (name == "all" ? Server.Scopes.All : ScopeWords.Read(name)));

    /// <summary>The list of models that a body names, as their ids.</summary>
    public static Outcome<string[]?> ModelsOf(RequestFields fields, ModelCatalog catalog) =>
        ModelsOf(fields.Texts("models", MaxModels, MaxText), catalog);

    private static Outcome<string[]?> ModelsOf(IReadOnlyList<string>? names, ModelCatalog catalog)
    {
        var ids = new List<string>();
        foreach (var name in names ?? [])
        {
            if (catalog.Find(name) is not { } model)
            {
                var near = string.Join(", ", catalog.Names.Nearest(name, Attached.Nothing));
                return Problems.InvalidModel.With(
                    $"Unknown model {ShortText.Of(name)}.", "models", ShortText.Of(name), near.Length > 0 ? near : "an id from GET /api/v1/models");
            }

            ids.Add(model.Id);
        }

        return names is null ? (string[]?)null : [.. ids.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
    }

    private static Outcome<IPNetwork[]?> NetworksOf(IReadOnlyList<string>? texts)
    {
        var networks = new List<IPNetwork>();
        foreach (var text in texts ?? [])
        {
            if (KeyLists.Network(text) is not { } network)
            {
                return Problems.InvalidParameter.With(
                    $"addresses: {ShortText.Of(text)} is no IP address and no network.", "addresses", ShortText.Of(text),
                    "such as 203.0.113.0/24, 203.0.113.7 or 2001:db8::/32");
            }

            networks.Add(network);
        }

        return texts is null ? (IPNetwork[]?)null : [.. networks];
    }
}
