using System.CommandLine;

namespace Zoetrope.Cli.Commands;

/// <summary><c>completion</c>: a script for the shell. It asks this program at every Tab, so it never grows old.</summary>
internal static class CompletionCommand
{
    private static readonly Dictionary<string, string> Scripts = new()
    {
        ["bash"] = """
            # zoetrope completion for bash:  eval "$(zoetrope completion bash)"
            _zoetrope() {
                local current="${COMP_WORDS[COMP_CWORD]}" line="${COMP_LINE:0:COMP_POINT}" IFS=$'\n'
                COMPREPLY=($(compgen -W "$(zoetrope "[suggest:${#line}]" "$line" 2>/dev/null)" -- "$current"))
            }
            complete -o default -F _zoetrope zoetrope
            """,
        ["zsh"] = """
            #compdef zoetrope
            # zoetrope completion for zsh:  eval "$(zoetrope completion zsh)"
            _zoetrope() {
                local line="${(j: :)words[1,CURRENT]}"
                local -a found
                found=("${(@f)$(zoetrope "[suggest:${#line}]" "$line" 2>/dev/null)}")
                compadd -a found || _files
            }
            compdef _zoetrope zoetrope
            """,
        ["fish"] = """
            # zoetrope completion for fish:  zoetrope completion fish | source
            function __zoetrope
                set -l line (commandline -cp)
                zoetrope "[suggest:"(string length -- $line)"]" $line 2>/dev/null
            end
            complete -c zoetrope -a '(__zoetrope)'
            """,
        ["pwsh"] = """
            # zoetrope completion for PowerShell:  zoetrope completion pwsh | Out-String | Invoke-Expression
            Register-ArgumentCompleter -Native -CommandName zoetrope -ScriptBlock {
                param($word, $command, $position)
                $line = "$command".PadRight($position)
                zoetrope "[suggest:$position]" $line 2>$null | Where-Object { $_ -like "$word*" } | ForEach-Object {
                    [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
                }
            }
            """,
    };

    public static Command Create(Interruption interruption)
    {
        var shell = new Argument<string>("shell") { Description = "bash, zsh, fish or pwsh" };
        shell.AcceptOnlyFromAmong([.. Scripts.Keys]);
        return new Command("completion", "Print a completion script for a shell") { shell }.Doing(interruption, invocation =>
        {
            Console.Out.WriteLine(Scripts[invocation.Value(shell)]);
            return Task.CompletedTask;
        });
    }
}
