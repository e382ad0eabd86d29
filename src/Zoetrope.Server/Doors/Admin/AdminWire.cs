using System.Text.Json.Serialization;
using Zoetrope.Contracts.Admin;
using Zoetrope.Contracts.VicSee;
using Zoetrope.Server.Accounts;
using Zoetrope.Server.Doors.Shared.Bodies;
using Zoetrope.Server.Ledger;
using Zoetrope.Server.Operator;

namespace Zoetrope.Server.Doors.Admin;

/// <summary>From the stores' records to the Admin door's.</summary>
internal static class AdminWire
{
    public static readonly string[] Modes = [KeyMode.Test.Word(), KeyMode.Live.Word()];
    public static readonly string[] ScopeNames = KeyFields.ScopeNames;

    public static KeyMode Mode(string? text) => text == KeyMode.Live.Word() ? KeyMode.Live : KeyMode.Test;

    public static Scopes ScopesOf(IReadOnlyList<string>? names) => names is null
        ? Scopes.All
        : KeyFields.ScopesOf(names);

    public static AdminAccount Wire(Account account) => new(account.Id, account.Name, account.Plan, WireTime.Text(account.CreatedAt));

    public static AdminKey Wire(ApiKey key) =>
        new(
            key.Id,
            key.AccountId,
            key.Name,
            ((KeyMode)key.Mode).Word(),
            key.Prefix,
            ((Scopes)key.Scopes).Words(),
            WireTime.Text(key.CreatedAt))
        {
            RequestsPerMinute = key.RequestsPerMinute,
            InFlightLimit = key.InFlightLimit,
            SpendPerDay = key.SpendPerDay,
            SpendPerWeek = key.SpendPerWeek,
            SpendPerMonth = key.SpendPerMonth,
            SpendInAll = key.SpendInAll,
            Models = key.Limits.Models,
            Addresses = key.Addresses?.Split(' '),
            PersonId = key.PersonId,
            AskAbove = key.AskAbove,
            Spent = key.Spent ?? 0,
            SpentOn = key.SpentDay is > 0 ? UtcDay.Text(key.SpentDay.Value) : null,
            Kind = key.Kind,
            ParentId = key.ParentId,
            ClientId = key.ClientId,
            ExpiresAt = WireTime.Text(key.ExpiresAt),
            RevokedAt = WireTime.Text(key.RevokedAt),
        };

    public static AdminKey Wire(CreatedKey created) => Wire(created.Key) with { Key = created.Secret };

    public static AdminBalance Wire(KeyMode mode, Balance balance) => new(mode.Word(), balance.Available, balance.Held, balance.Posted);

    public static AdminAccountOverview Wire(AccountOverview overview) => new(
        Wire(overview.Account),
        [.. overview.Balances.Select(item => Wire(item.Mode, item.Balance))],
        [.. overview.Tasks.Select(tasks => new AdminAccountTasks(tasks.Mode.Word(), tasks.Unfinished, tasks.SpentThisMonth))],
        [.. overview.Members.Select(PeopleEndpoints.Wire)],
        [.. overview.Keys.Select(Wire)],
        overview.OpenCases);

    public static AdminBooking Wire(Booked booked) =>
        new(booked.Booking.TransferId, booked.Booking.Amount, booked.Booking.Replayed, Wire(booked.Mode, booked.Balance));

    public static AdminAudit Wire(AuditReport report) => new(
        report.Ok,
        WireTime.Text(report.CheckedAt),
        (long)report.Elapsed.TotalMilliseconds,
        [.. report.Laws.Select(law => new AdminAuditLaw(
            law.Law,
            law.Meaning,
            [.. law.Violations.Select(violation => new AdminAuditViolation(violation.AccountId, violation.Subject, violation.Detail))]))]);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Envelope<AdminAccount>))]
[JsonSerializable(typeof(Envelope<AdminAccountPage>))]
[JsonSerializable(typeof(Envelope<AdminKey>))]
[JsonSerializable(typeof(Envelope<AdminKeyList>))]
[JsonSerializable(typeof(Envelope<AdminBalanceList>))]
[JsonSerializable(typeof(Envelope<AdminBooking>))]
[JsonSerializable(typeof(Envelope<AdminAudit>))]
[JsonSerializable(typeof(Envelope<AdminProviderList>))]
[JsonSerializable(typeof(Envelope<AdminProviderHistory>))]
[JsonSerializable(typeof(Envelope<AdminProviderErrors>))]
[JsonSerializable(typeof(Envelope<AdminProviderPause>))]
[JsonSerializable(typeof(Envelope<AdminProviderTest>))]
[JsonSerializable(typeof(Envelope<AdminAccountOverview>))]
[JsonSerializable(typeof(Envelope<AdminPersonPage>))]
[JsonSerializable(typeof(Envelope<AdminPersonRecord>))]
[JsonSerializable(typeof(Envelope<AdminPerson>))]
[JsonSerializable(typeof(Envelope<AdminSignedOut>))]
[JsonSerializable(typeof(Envelope<AdminSuspense>))]
[JsonSerializable(typeof(Envelope<AdminResolvedSuspense>))]
[JsonSerializable(typeof(Envelope<AdminCases>))]
[JsonSerializable(typeof(Envelope<AdminCase>))]
[JsonSerializable(typeof(Envelope<AdminTaskPage>))]
[JsonSerializable(typeof(Envelope<AdminTaskRecord>))]
[JsonSerializable(typeof(Envelope<AdminRevealedTask>))]
[JsonSerializable(typeof(Envelope<AdminMadeVouchers>))]
[JsonSerializable(typeof(Envelope<AdminVoucherBatchPage>))]
[JsonSerializable(typeof(Envelope<AdminVoucherBatchRecord>))]
[JsonSerializable(typeof(Envelope<AdminRevokedVouchers>))]
[JsonSerializable(typeof(Envelope<AdminFound>))]
[JsonSerializable(typeof(Envelope<AdminLedgerPage>))]
[JsonSerializable(typeof(Envelope<AdminUsage>))]
[JsonSerializable(typeof(Envelope<AdminMargin>))]
[JsonSerializable(typeof(Envelope<AdminFocusPage>))]
internal sealed partial class AdminJson : JsonSerializerContext;
