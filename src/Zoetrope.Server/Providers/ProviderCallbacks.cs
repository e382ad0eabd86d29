namespace Zoetrope.Server.Providers;

/// <summary>
/// Where a vendor's "something changed" arrives. It carries no verdict: the listener reads the provider again,
/// so an early, late, duplicate or forged call is harmless.
/// </summary>
internal sealed class ProviderCallbacks
{
    private Action<string> _listener = static _ => { };

    /// <summary>Sets the one listener; called once while the server starts.</summary>
    public void Listen(Action<string> listener) => Volatile.Write(ref _listener, listener);

    /// <summary>Reports that the job of this attempt may have changed.</summary>
    public void JobChanged(string attemptId) => Volatile.Read(ref _listener)(attemptId);
}
