using Zoetrope.Server.Artifacts;

namespace Zoetrope.Server.Admission.Inputs;

/// <summary>Stores the input files of a request that may start, just before the transaction that names them.</summary>
internal sealed class InputStorage(StoredFiles store, StoredBytes stored, UnusedFiles unused)
{
    /// <summary>Puts them into the store, or says why the account may not store them.</summary>
    public async ValueTask<Problem?> StoreAsync(Caller caller, InputFiles files, CancellationToken cancellationToken)
    {
        if (files.Artifacts.Count == 0)
        {
            return null;
        }

        if (await stored.TakeAsync(caller.AccountId, files.NewBytes) is { } tooMuch)
        {
            return tooMuch;
        }

        await files.StoreAsync(store, cancellationToken);
        return null;
    }

    /// <summary>The request did not start: nothing names them.</summary>
    public void Forget(InputFiles files) => unused.Add(files.Stored);
}
