using System.Globalization;
using System.Text.Json;
using Bunit;
using Zoetrope.Contracts.Admin;
using Zoetrope.Studio.Operate.Audit;
using Zoetrope.Studio.Operate.Cases;
using Zoetrope.Studio.Operate.Overview;
using Zoetrope.Studio.Operate.Providers;
using Zoetrope.Studio.Parts;

namespace Zoetrope.Studio.Tests;

/// <summary>What the pages under Operate make of the server's answers.</summary>
public sealed class OperatePartTests : BunitContext
{
    private static readonly DateTimeOffset Now = DateTimeOffset.Parse("2026-03-01T12:10:00Z", CultureInfo.InvariantCulture);

    public OperatePartTests() => CultureInfo.CurrentCulture = CultureInfo.CurrentUICulture = CultureInfo.GetCultureInfo("en");

    [Theory]
    [InlineData("2026-03-01T12:10:00Z", 47)]
    [InlineData("2026-03-01T12:00:00Z", 47)]
    [InlineData("2026-03-01T11:59:00Z", 46)]
    [InlineData("2026-02-28T12:30:00Z", 0)]
    [InlineData("2026-02-28T12:29:00Z", -1)]
    public void A_minute_is_in_the_half_hour_that_it_belongs_to(string minute, int cell)
    {
        var cells = Strip.Of(new AdminProviderHistory("fal", [new AdminProviderMinute(minute, 3, 2, new Dictionary<string, long>(), 900)]), Now);

        Assert.Equal(Strip.Cells, cells.Count);
        Assert.Equal(cell, cells.ToList().FindIndex(one => one.Good == 2));
    }

    [Theory]
    [InlineData("unavailable", 1)]
    [InlineData("unknown_outcome", 1)]
    [InlineData("content_refused", 0)]
    [InlineData("invalid_input", 0)]
    [InlineData("canceled", 0)]
    public void A_provider_is_not_blamed_for_what_customers_send(string kind, long own) =>
        Assert.Equal(own, Strip.Own(new Dictionary<string, long> { [kind] = 1 }));

    [Theory]
    [InlineData(0, 0, "e")]
    [InlineData(5, 0, "o")]
    [InlineData(5, 4, "w")]
    [InlineData(5, 5, "x")]
    [InlineData(0, 1, "x")]
    public void A_strip_shows_how_good_a_moment_was(long good, long bad, string kind)
    {
        var heat = Render<Heat>(with => with.Add(part => part.Label, "fal").Add(part => part.Cells, [new Heat.Cell("12:00", "12:00: so", good, bad)]).Add(part => part.HasTable, true));

        Assert.Equal(kind, heat.Find("rect").ClassName);
        Assert.Equal(good + bad == 0 ? 0 : 1, heat.FindAll("tbody tr").Count);
    }

    [Theory]
    [InlineData("healthy", 0, "")]
    [InlineData("slow", 0, "")]
    [InlineData("paused", 0, "")]
    [InlineData("keys_refused", 1, "fal refuses our keys.")]
    [InlineData("circuit_open", 1, "fal failed too often and gets no work.")]
    public void A_banner_is_there_only_for_what_needs_a_person(string state, int needs, string title)
    {
        var morning = Of([], new AdminProvider("fal", "fal", true, 0, 8, []) { State = state });

        Assert.Equal(needs, morning.Needs.Count());
        Assert.Equal(title, morning.Needs.FirstOrDefault()?.Title ?? "");
    }

    [Fact]
    public void Cases_that_hold_money_say_how_much()
    {
        var need = Assert.Single(Of([Case(45), Case(0)]).Needs);

        Assert.Equal("2 cases wait for somebody who decides.", need.Title);
        Assert.StartsWith("45 credits are in suspense", need.Words, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_is_booked_by_who_only_forgot_to_choose()
    {
        (bool? Charged, string Reason)? decided = null;
        var form = Render<DecisionForm>(with => with.Add(part => part.Verdict, Verdict.Of(Case(45))).Add(part => part.Decided, given => decided = given));
        Assert.Equal(["It was billed", "It was not billed", "Book nothing"], form.FindAll("legend ~ label b").Select(one => one.TextContent));
        Assert.Contains("Billed, all of it.", form.Markup, StringComparison.Ordinal);
        form.Find("#reason").Input(" seen ");
        form.Find("form").Submit();
        Assert.Equal((null, "seen"), decided);

        form.FindAll("input[type=radio]")[0].Change(true);
        form.Find("form").Submit();
        Assert.Equal((true, "seen"), decided);
    }

    [Fact]
    public void A_task_in_suspense_has_no_decision_before_somebody_chooses()
    {
        var verdict = Verdict.Of(new AdminSuspendedTask("task_1", "acct_1", "live", 45, "2026-03-01T12:00:00Z", "lost") { Provider = "fal" });
        var form = Render<DecisionForm>(with => with.Add(part => part.Verdict, verdict));

        Assert.Equal(2, form.FindAll("input[type=radio][required]").Count);
        Assert.Empty(form.FindAll("input[type=radio][checked]"));
        Assert.All(verdict.Decisions, one => Assert.Contains("No customer’s balance changes", one.Effect, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""{"plan":"free","name":"A"}""", """{"plan":"pro","name":"A"}""", "plan: free → pro")]
    [InlineData(null, """{"credits":70,"reason":"fair"}""", "credits: – → 70; reason: – → fair")]
    [InlineData("""{"name":"A"}""", null, "name: A → –")]
    [InlineData("""{"models":["a"],"cap":null}""", """{"models":["a","b"],"cap":null}""", """models: ["a"] → ["a","b"]""")]
    [InlineData("1", "2", ": 1 → 2")]
    [InlineData(null, null, "")]
    public void A_change_says_what_differs(string? before, string? after, string said) => Assert.Equal(
        said,
        string.Join("; ", Change.Between(Json(before), Json(after)).Select(one => $"{one.Field}: {one.Before ?? "–"} → {one.After ?? "–"}")));

    private static JsonElement? Json(string? text) => text is null ? null : JsonElement.Parse(text);

    private static AdminCase Case(long suspended) => new("case_1", "unresolved", "fal", "k1", "job-1", "It lists the job as done.", "2026-03-01T12:00:00Z")
    {
        Suspended = suspended,
        Decisions = [new(true, "Billed, all of it."), new(false, "Not billed."), new(null, "Nothing.")],
    };

    private static Morning Of(IReadOnlyList<AdminCase> cases, params AdminProvider[] providers) => new(
        providers, new Dictionary<string, IReadOnlyList<Heat.Cell>>(), new AdminMargin("", "", "provider", 0, new AdminMarginGroup("total", 0, 0, 0, 0, 0, 0, 0, 0), []), cases, []);
}
