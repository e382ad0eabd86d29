namespace Zoetrope.Sandbox.Rendering;

/// <summary>A customer's file cannot be used.</summary>
/// <param name="message">Why, in our own words: the customer reads it.</param>
/// <param name="detail">What a library or program said, for the log.</param>
internal sealed class UnusableInputException(string message, string? detail = null) : Exception(message)
{
    public string? Detail => detail;
}
