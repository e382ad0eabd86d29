using System.Globalization;
using System.Threading.Channels;
using Zoetrope.Workers;

namespace Zoetrope.Media;

/// <summary>
/// The worker that decodes strangers' pictures, one after another, so that nothing of theirs is parsed where keys and money are.
/// It is told where it may write and how much memory it may use; jobs come on stdin, answers go to stdout, and the end of stdin
/// is the end of the process.
/// </summary>
internal static class Program
{
    // Somebody waits for the answer, unlike for a render.
    private const int Niceness = 0;

    // Larger than any result that is asked of it.
    private const long MaxFile = 512L << 20;

    private static async Task<int> Main(string[] args)
    {
        var (directory, megabytes) = (args[0], long.Parse(args[1], CultureInfo.InvariantCulture));
        using var stdin = Console.OpenStandardInput();
        using var stdout = Console.OpenStandardOutput();
        Confinement.Limit(Niceness, megabytes << 20, MaxFile);
        if (!SystemCallFilter.Apply(startsPrograms: false))
        {
            Console.Error.WriteLine("Zoetrope.Media: this system does not support a system call filter, so the worker is not cut off "
                + "from the network.");
        }

        Pictures.Prepare();
        var jobs = Channel.CreateUnbounded<PictureJob>();
        var work = Task.Run(async () =>
        {
            await foreach (var job in jobs.Reader.ReadAllAsync())
            {
                await Frames.WriteAsync(stdout, Pictures.Run(job, directory), PictureJson.Default.PictureAnswer);
            }
        });

        // Read beside the work, so that the server's end is seen in the middle of a picture.
        while (await Frames.ReadAsync(stdin, PictureJson.Default.PictureJob) is { } job)
        {
            jobs.Writer.TryWrite(job);
        }

        return work.IsFaulted ? 1 : 0;
    }
}
