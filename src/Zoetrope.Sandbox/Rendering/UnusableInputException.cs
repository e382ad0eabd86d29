namespace Zoetrope.Sandbox.Rendering;

/// <summary>An input file that cannot be used.</summary>
internal sealed class UnusableInputException(string message) : Exception(message);
