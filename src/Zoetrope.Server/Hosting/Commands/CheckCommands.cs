using System.CommandLine;
using System.Text.Json;
using Zoetrope.Server.Doors.Admin;

namespace Zoetrope.Server.Hosting.Commands;

/// <summary><c>ledger audit</c>, whose answer is also the exit code.</summary>
internal static class CheckCommands
{
    public static Command Ledger() => new("ledger", "The ledger")
    {
        new Command("audit", "Check every law of the ledger on one snapshot, while the server runs").Answering(async (_, _) =>
        {
            await using var database = await OperatorDatabase.OpenAsync();
            var report = await database.Accounts.AuditAsync();
            return new Answer(
                JsonSerializer.SerializeToNode(AdminWire.Wire(report), AdminJson.Default.AdminAudit)!,
                console => console.Profile.Out.Writer.Write(report.ToText()))
            {
                Failure = report.Ok ? null : ("LEDGER_BROKEN", "The ledger breaks its laws. The lines above say where."),
            };
        }),
    };
}
