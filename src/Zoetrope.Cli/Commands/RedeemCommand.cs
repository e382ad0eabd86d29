using System.CommandLine;
using System.Text.Json;

namespace Zoetrope.Cli.Commands;

/// <summary><c>redeem</c>: a voucher becomes credits.</summary>
internal static class RedeemCommand
{
    public static Command Create(Interruption interruption)
    {
        var code = new Argument<string>("code") { Description = "The voucher's code; hyphens and the case do not matter" };
        return new Command("redeem", "Turn a voucher into credits of the key's account") { code }.Doing(interruption, async invocation =>
        {
            var redeemed = await invocation.Client.RedeemAsync(invocation.Value(code), invocation.CancellationToken);
            invocation.Terminal.Answer(JsonSerializer.SerializeToNode(redeemed, CliJson.Default.Redeemed)!, _ => Terminal.Line(
                redeemed.Replayed
                    ? $"This voucher was redeemed before: {Words.Credits(redeemed.CreditsAvailable)} available ({redeemed.Mode})"
                    : $"{Words.Credits(redeemed.Credits)} added, {Words.Credits(redeemed.CreditsAvailable)} available ({redeemed.Mode})"));
        });
    }
}
