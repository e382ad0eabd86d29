using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Spectre.Console;
using Zoetrope.Contracts.VicSee;

namespace Zoetrope.Cli.Commands;

/// <summary><c>members</c>: who belongs to the account, and who is invited. The key needs the scope <c>members</c>.</summary>
internal static class MembersCommand
{
    private const string NoLimit = "none";

    private static readonly string[] Roles = ["owner", "admin", "member", "viewer", "billing"];

    public static Command Create(Interruption interruption) => new("members", "Show, invite and change the people of the account")
    {
        List(interruption), Invite(interruption), Change(interruption), Remove(interruption), Invitations(interruption), Withdraw(interruption),
    };

    private static Command List(Interruption interruption) => new Command("list", "List who belongs to the account")
        .Doing(interruption, async invocation =>
    {
        var members = await invocation.Client.MembersAsync(invocation.CancellationToken);
        invocation.Terminal.Answer(new JsonArray([.. members.Select(Wire)]), console => Show(console, members));
    });

    private static Command Invite(Interruption interruption)
    {
        var role = new Argument<string>("role") { Description = "What they shall be" };
        role.AcceptOnlyFromAmong(Roles);
        var perDay = new Option<long?>("--spend-per-day") { Description = "Credits that they may spend in a UTC day", HelpName = "credits" };
        var mail = new Option<string?>("--email") { Description = "Have the server send the link there, if it sends mail", HelpName = "address" };
        return new Command("invite", "Print a link that lets one person in, once and within seven days") { role, perDay, mail }
            .Doing(interruption, async invocation =>
        {
            var wanted = new InvitationRequest { Role = invocation.Value(role), SpendPerDay = invocation.Value(perDay), Email = invocation.Value(mail) };
            var made = await invocation.Client.InviteAsync(wanted, invocation.CancellationToken);
            invocation.Terminal.Answer(JsonSerializer.SerializeToNode(made, CliJson.Default.InvitationState)!, _ =>
            {
                invocation.Terminal.Note($"{made.Id}: whoever opens this link by {made.ExpiresAt} becomes {made.Role}. It is shown once.");
                if (made.Mailed is { } mailed)
                {
                    invocation.Terminal.Note(mailed ? "The mail is on its way." : "The mail server did not take it. Send the link yourself.");
                }

                Terminal.Line(made.Url!);
            });
        });
    }

    private static Command Change(Interruption interruption)
    {
        var id = Id();
        var role = new Option<string?>("--role") { Description = "Another role" };
        role.AcceptOnlyFromAmong(Roles);
        var perDay = Limit("--spend-per-day", "Credits a UTC day, or none");
        var perMonth = Limit("--spend-per-month", "Credits a month of UTC, or none");
        var models = new Option<string[]?>("--model")
        {
            Description = "A model that they may use; repeat it for more; none for all", HelpName = "model",
        };
        return new Command("change", "Change a member's role, caps or models") { id, role, perDay, perMonth, models }
            .Doing(interruption, async invocation =>
        {
            var lift = new List<string>();
            var wanted = new MemberRequest
            {
                Role = invocation.Value(role),
                SpendPerDay = Read(invocation.Value(perDay), "spendPerDay", lift),
                SpendPerMonth = Read(invocation.Value(perMonth), "spendPerMonth", lift),
                Models = invocation.Value(models) is not { Length: > 0 } named ? null : named is [NoLimit] ? null : named,
            };
            if (invocation.Value(models) is [NoLimit])
            {
                lift.Add("models");
            }

            var changed = await invocation.Client.ChangeMemberAsync(invocation.Value(id), wanted, lift, invocation.CancellationToken);
            invocation.Terminal.Answer(Wire(changed), console => Show(console, [changed]));
        });
    }

    private static Command Remove(Interruption interruption)
    {
        var id = Id();
        return new Command("remove", "Remove a member; their browsers, keys and programs stop at once") { id }
            .Doing(interruption, async invocation =>
        {
            var removed = await invocation.Client.RemoveMemberAsync(invocation.Value(id), invocation.CancellationToken);
            invocation.Terminal.Answer(Wire(removed), _ => Terminal.Line($"{removed.PersonId}  removed"));
        });
    }

    private static Command Invitations(Interruption interruption) => new Command("invitations", "List the open invitations")
        .Doing(interruption, async invocation =>
    {
        var open = await invocation.Client.InvitationsAsync(invocation.CancellationToken);
        var json = new JsonArray([.. open.Select(one => JsonSerializer.SerializeToNode(one, CliJson.Default.InvitationState))]);
        invocation.Terminal.Answer(json, console =>
        {
            var table = Terminal.NewTable("ID", "ROLE", "PER DAY", "ENDS").Otherwise("There is no open invitation.");
            foreach (var one in open)
            {
                table.AddRow(Terminal.Cell(one.Id), Terminal.Cell(one.Role), Number(one.SpendPerDay), Terminal.Cell(one.ExpiresAt));
            }

            console.Write(table);
        });
    });

    private static Command Withdraw(Interruption interruption)
    {
        var id = new Argument<string>("id") { Description = "The invitation's id (inv_…), from zoetrope members invitations" };
        return new Command("withdraw", "Withdraw an invitation") { id }.Doing(interruption, async invocation =>
        {
            var ended = await invocation.Client.WithdrawInvitationAsync(invocation.Value(id), invocation.CancellationToken);
            invocation.Terminal.Answer(new JsonObject { ["id"] = ended.Id }, _ => Terminal.Line($"{ended.Id}  withdrawn"));
        });
    }

    private static Argument<string> Id() => new("id") { Description = "The person's id (person_…), from zoetrope members list" };

    private static Option<string?> Limit(string name, string description) => new(name) { Description = description, HelpName = "credits" };

    private static long? Read(string? given, string field, List<string> lift)
    {
        if (given == NoLimit)
        {
            lift.Add(field);
            return null;
        }

        return given is null ? null
            : long.TryParse(given, NumberStyles.None, CultureInfo.InvariantCulture, out var credits) ? credits
            : throw CliException.Usage($"'{given}' is no number of credits.", "Write a whole number, or none");
    }

    private static JsonNode Wire(MemberState member) => JsonSerializer.SerializeToNode(member, CliJson.Default.MemberState)!;

    private static void Show(IAnsiConsole console, IReadOnlyList<MemberState> members)
    {
        var table = Terminal.NewTable("ID", "ROLE", "PER DAY", "PER MONTH", "MODELS", "E-MAIL", "NAME").Cutting("MODELS", "E-MAIL", "NAME")
            .Otherwise("Nobody belongs to this account yet.");
        foreach (var member in members)
        {
            table.AddRow(
                Terminal.Cell(member.PersonId),
                Terminal.Cell(member.Role),
                Number(member.SpendPerDay),
                Number(member.SpendPerMonth),
                Terminal.Cell(member.Models is { } models ? string.Join(' ', models) : "all"),
                Terminal.Cell(member.Email ?? ""),
                Terminal.Cell(member.Name));
        }

        console.Write(table);
    }

    private static string Number(long? number) => number?.ToString(CultureInfo.InvariantCulture) ?? "";
}
