namespace Zoetrope.Server.Doors.OAuth.Consent;

/// <summary>Who decides on the consent page: the holder of an API key, or a signed-in person in one mode.</summary>
/// <param name="Caller">As whom the program will act.</param>
/// <param name="Proof">The API key, or the mode that the person chose.</param>
/// <param name="Shown">How the page names them.</param>
/// <param name="Balance">The credits that the mode has.</param>
internal sealed record Consenter(Caller Caller, string Proof, string Shown, long Balance)
{
    /// <summary>What the limits are of, for the page's sentences.</summary>
    public string Bound => Caller.Session is null ? "The key" : "Your membership";

    // A record prints its members, and the key must not reach a log by accident.
    public override string ToString() => Caller.ApiKeyId;
}

/// <summary>The second step of the consent page: what there is, what things cost, and what the person wrote or is proposed.</summary>
/// <param name="Ticket">Stands for the API key, or the person's choice, of the first step.</param>
/// <param name="Person">Who decides.</param>
/// <param name="Prices">What results cost.</param>
/// <param name="SpendPerDay">The field's text.</param>
/// <param name="AskAbove">The field's text.</param>
internal sealed record ConsentTerms(
    string Ticket, Consenter Person, IReadOnlyList<PriceExample> Prices, string SpendPerDay, string AskAbove);
