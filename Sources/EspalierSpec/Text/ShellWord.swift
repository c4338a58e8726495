extension String {
    /// As a word of a shell: quoted where the shell would take it for anything else.
    package var shellWord: String {
        if !isEmpty, allSatisfy({ $0.isLetter || $0.isNumber || "/._-+=:@%,".contains($0) }) { return self }
        return "'" + split(separator: "'", omittingEmptySubsequences: false).joined(separator: #"'\''"#) + "'"
    }
}
