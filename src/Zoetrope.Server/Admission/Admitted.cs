using Zoetrope.Server.Admission.Inputs;

namespace Zoetrope.Server.Admission;

/// <summary>Orders that may start, and their input files, temporary until they are stored. Whoever gets it disposes of it.</summary>
internal sealed record Admitted(IReadOnlyList<Order> Orders, InputFiles Files) : IDisposable
{
    /// <summary>Whether the call counts toward the key's rate already.</summary>
    public bool IsCounted => Files.Inputs.Count > 0;

    public void Dispose() => Files.Dispose();
}
